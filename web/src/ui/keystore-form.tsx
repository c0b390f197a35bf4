import { useState } from "preact/hooks";
import type { Progress } from "@/lib/keystore";
import { Refusal } from "@/lib/refusal";
import { PassphraseForm } from "./passphrase";

/** Asks for a keystore file and its passphrase, and hands the file's text over with it. */
export function KeystoreForm({
  label,
  passphraseLabel,
  action,
  onKeystore,
  onCancel,
}: {
  label: string;
  passphraseLabel: string;
  action: string;
  onKeystore: (text: string, passphrase: string, progress: Progress) => Promise<void>;
  onCancel: () => void;
}) {
  const [file, setFile] = useState<File>();
  return (
    <>
      <label>
        {label}
        <input
          type="file"
          accept=".json,application/json"
          onChange={(event) => setFile(event.currentTarget.files?.[0])}
        />
      </label>
      <PassphraseForm
        label={passphraseLabel}
        action={action}
        onPassphrase={async (passphrase, progress) => {
          if (!file) throw new Refusal("先にファイルを選んでください", "choose the file first");
          await onKeystore(await file.text(), passphrase, progress);
        }}
        onCancel={onCancel}
      />
    </>
  );
}
