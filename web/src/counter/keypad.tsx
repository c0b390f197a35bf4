import { useEffect, useRef } from "preact/hooks";
import { t } from "@/lib/bilingual";
import { MAX_PAYMENT_POINTS } from "@/payment/signing";

const KEYS = ["7", "8", "9", "4", "5", "6", "1", "2", "3", "00", "0"] as const;

/** Large keys as on a till. The keyboard's digits work too. */
export function Keypad({ value, onChange }: { value: number; onChange: (value: number) => void }) {
  const press = (key: string) => {
    const next = Number(`${value}${key}`);
    if (next <= MAX_PAYMENT_POINTS) onChange(next);
  };
  const erase = () => onChange(Math.floor(value / 10));
  // Where the focus is within the keys, so that no key of the keyboard does anything unforeseen elsewhere.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (/^[0-9]$/.test(event.key)) press(event.key);
    else if (event.key === "Backspace") erase();
  };
  const place = useRef<HTMLFieldSetElement>(null);
  useEffect(() => place.current?.focus({ preventScroll: true }), []);
  return (
    <fieldset class="keypad" tabIndex={-1} ref={place} onKeyDown={onKeyDown}>
      <legend class="visually-hidden">{t("数字のキー", "Keys")}</legend>
      {KEYS.map((key) => (
        <button key={key} type="button" onClick={() => press(key)}>
          {key}
        </button>
      ))}
      <button type="button" class="erase" onClick={erase}>
        {t("消す", "Erase")}
      </button>
    </fieldset>
  );
}
