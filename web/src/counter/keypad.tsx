import { t } from "@/lib/bilingual";
import { MAX_PAYMENT_POINTS } from "@/payment/signing";

const KEYS = ["7", "8", "9", "4", "5", "6", "1", "2", "3", "00", "0"] as const;

/** Large keys as on a till. The keyboard's digits work too. */
export function Keypad({ value, onChange }: { value: number; onChange: (value: number) => void }) {
  const press = (key: string) => {
    const next = Number(`${value}${key}`);
    if (next <= MAX_PAYMENT_POINTS) onChange(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (/^[0-9]$/.test(event.key)) press(event.key);
    else if (event.key === "Backspace") onChange(Math.floor(value / 10));
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys inside are the controls; this is a short cut
    <div class="keypad" onKeyDown={onKeyDown}>
      {KEYS.map((key) => (
        <button key={key} type="button" onClick={() => press(key)}>
          {key}
        </button>
      ))}
      <button type="button" class="erase" onClick={() => onChange(Math.floor(value / 10))}>
        {t("消す", "Erase")}
      </button>
    </div>
  );
}
