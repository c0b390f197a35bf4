import { useState } from "preact/hooks";
import { t } from "@/lib/bilingual";
import { KeystoreForm } from "@/ui/keystore-form";
import { PassphraseForm } from "@/ui/passphrase";
import { newWords } from "./keys";
import type { Purse } from "./purse";

/** The first time: a new purse, 24 words that were written down, or a file. */
export function Welcome({ purse }: { purse: Purse }) {
  const [way, setWay] = useState<"new" | "words" | "file">();
  const back = () => setWay(undefined);
  if (way === "new") return <NewPurse purse={purse} onBack={back} />;
  if (way === "words") return <FromWords purse={purse} onBack={back} />;
  if (way === "file") return <FromFile purse={purse} onBack={back} />;
  return (
    <section class="card">
      <h2>{t("財布を用意します", "Set up a purse")}</h2>
      <p>
        {t(
          "自治体ポイントをためて、お店で使うための財布です。鍵はこの端末の中だけに保存されます。",
          "A purse for municipal points, to be used in shops. Its keys stay in this device.",
        )}
      </p>
      <button type="button" class="main" onClick={() => setWay("new")}>
        {t("新しい財布を作る", "Make a new purse")}
      </button>
      <button type="button" onClick={() => setWay("words")}>
        {t("24語のメモから復元する", "Restore from 24 words")}
      </button>
      <button type="button" onClick={() => setWay("file")}>
        {t("財布のファイルを使う", "Use a purse file")}
      </button>
    </section>
  );
}

function NewPurse({ purse, onBack }: { purse: Purse; onBack: () => void }) {
  const [words] = useState(newWords);
  const [isWritten, setWritten] = useState(false);
  if (isWritten)
    return (
      <section class="card">
        <h2>{t("パスフレーズを決める", "Choose a passphrase")}</h2>
        <p>
          {t(
            "支払うたびに使う合言葉です。ほかの人に教えないでください。",
            "It is asked for with every payment. Tell it to nobody.",
          )}
        </p>
        <PassphraseForm
          isNew
          action={t("財布を作る", "Make the purse")}
          onPassphrase={(passphrase, progress) => purse.make(words, passphrase, progress)}
          onCancel={() => setWritten(false)}
        />
      </section>
    );
  return (
    <section class="card">
      <h2>{t("24の言葉を紙に書いてください", "Write these 24 words on paper")}</h2>
      <p>
        {t(
          "端末をなくしたときに財布を取り戻す、ただ1つの方法です。この言葉を知る人はポイントを使えます。写真に撮らず、誰にも見せないでください。",
          "They are the only way to the points if this device is lost. Whoever knows them can spend the points: take no picture, show them to nobody.",
        )}
      </p>
      <ol class="words" translate={false}>
        {words.split(" ").map((word, place) => (
          <li key={`${place} ${word}`} lang="en">
            <span>{place + 1}</span> {word}
          </li>
        ))}
      </ol>
      <button type="button" class="main" onClick={() => setWritten(true)}>
        {t("紙に書きました", "I have written them down")}
      </button>
      <button type="button" class="quiet" onClick={onBack}>
        {t("やめる", "Cancel")}
      </button>
    </section>
  );
}

function FromWords({ purse, onBack }: { purse: Purse; onBack: () => void }) {
  const [words, setWords] = useState("");
  return (
    <section class="card">
      <h2>{t("24語から復元する", "Restore from 24 words")}</h2>
      <label>
        {t("紙に書いた24語", "The 24 words on paper")}
        <small>{t("空白で区切って順に入力します。", "In their order, with spaces between them.")}</small>
        <textarea
          rows={6}
          value={words}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          onInput={(event) => setWords(event.currentTarget.value)}
        />
      </label>
      <PassphraseForm
        isNew
        label={t("新しいパスフレーズ", "New passphrase")}
        action={t("復元する", "Restore")}
        onPassphrase={(passphrase, progress) => purse.make(words, passphrase, progress)}
        onCancel={onBack}
      />
    </section>
  );
}

function FromFile({ purse, onBack }: { purse: Purse; onBack: () => void }) {
  return (
    <section class="card">
      <h2>{t("財布のファイルを使う", "Use a purse file")}</h2>
      <KeystoreForm
        label={t("財布のファイル(JSON)", "Purse file (JSON)")}
        passphraseLabel={t("ファイルのパスフレーズ", "Passphrase of the file")}
        action={t("この財布を使う", "Use this purse")}
        onKeystore={(text, passphrase, progress) => purse.takeFile(text, passphrase, progress)}
        onCancel={onBack}
      />
    </section>
  );
}
