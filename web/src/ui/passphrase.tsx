import { useState } from "preact/hooks";
import { t } from "@/lib/bilingual";
import { type Progress, SHORTEST_PASSPHRASE } from "@/lib/keystore";
import { Notice, reasonOf } from "./shell";

/**
 * Asks for a passphrase and does something with it. It is forgotten as soon as that is done.
 * `isNew`: it is being chosen, so it is typed twice.
 */
export function PassphraseForm({
  action,
  isNew = false,
  label,
  onPassphrase,
  onCancel,
}: {
  action: string;
  isNew?: boolean;
  label?: string;
  onPassphrase: (passphrase: string, progress: Progress) => Promise<void>;
  onCancel?: () => void;
}) {
  const [typed, setTyped] = useState("");
  const [again, setAgain] = useState("");
  const [isShown, setShown] = useState(false);
  const [done, setDone] = useState<number>();
  const [refusal, setRefusal] = useState("");
  const isBusy = done !== undefined;

  const submit = async (event: Event) => {
    event.preventDefault();
    setRefusal("");
    if (isNew && typed !== again) {
      setRefusal(t("2回の入力が違います。", "The two entries differ."));
      return;
    }
    setDone(0);
    try {
      await onPassphrase(typed, setDone);
      setTyped("");
      setAgain("");
    } catch (error) {
      setRefusal(reasonOf(error));
    }
    setDone(undefined);
  };

  const field = (text: string, value: string, set: (value: string) => void, hint?: string) => (
    <label>
      {text}
      {hint && <small>{hint}</small>}
      <input
        {...({ type: isShown ? "text" : "password" } as { type: "password" })}
        value={value}
        autocomplete={isNew ? "new-password" : "current-password"}
        autocapitalize="none"
        spellcheck={false}
        required
        disabled={isBusy}
        onInput={(event) => set(event.currentTarget.value)}
      />
    </label>
  );

  return (
    <form class="stack" onSubmit={submit}>
      {field(
        label ?? t("パスフレーズ", "Passphrase"),
        typed,
        setTyped,
        isNew
          ? t(
              `${SHORTEST_PASSPHRASE}文字以上。いくつかの言葉をつなげると覚えやすくなります。`,
              `${SHORTEST_PASSPHRASE} characters at least; a few words in a row are easy to keep.`,
            )
          : undefined,
      )}
      {isNew && field(t("もう一度入力", "Once more"), again, setAgain)}
      <label class="check">
        <input
          type="checkbox"
          checked={isShown}
          onChange={(event) => setShown(event.currentTarget.checked)}
        />
        {t("文字を表示する", "Show the characters")}
      </label>
      {refusal && <Notice kind="bad">{refusal}</Notice>}
      <button type="submit" class="main" disabled={isBusy}>
        {isBusy ? t("確認しています…", "Checking…") : action}
      </button>
      {isBusy && <progress max={1} value={done} aria-label={t("進み具合", "Progress")} />}
      {onCancel && (
        <button type="button" class="quiet" disabled={isBusy} onClick={onCancel}>
          {t("やめる", "Cancel")}
        </button>
      )}
    </form>
  );
}
