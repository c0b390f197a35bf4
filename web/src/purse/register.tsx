import { useState } from "preact/hooks";
import { t } from "@/lib/bilingual";
import { useFocusAt } from "@/ui/focus";
import { PassphraseForm } from "@/ui/passphrase";
import { QrPicture, Scanner } from "@/ui/qr";
import { Notice, reasonOf } from "@/ui/shell";
import type { Purse } from "./purse";
import type { RegistrationRequest } from "./registration";

/** A registration: read the town hall's code, see which town asks, sign, show the answer. */
export function Register({ purse, onDone }: { purse: Purse; onDone: () => void }) {
  const [request, setRequest] = useState<RegistrationRequest>();
  const [answer, setAnswer] = useState("");
  const [refusal, setRefusal] = useState("");
  const place = useFocusAt<HTMLElement>(answer ? "answer" : request ? "request" : "scan");
  const read = (text: string) => {
    setRefusal("");
    try {
      setRequest(purse.considerRegistration(text));
    } catch (error) {
      setRefusal(reasonOf(error));
    }
  };
  const town = request && purse.townOf(request.municipality);
  return (
    <section class="card" tabIndex={-1} ref={place}>
      {answer && (
        <>
          <h2>{t("窓口の人に見せてください", "Show this at the town hall")}</h2>
          <QrPicture text={answer} label={t("登録のQRコード", "QR code of the registration")} />
          <button type="button" class="main" onClick={onDone}>
            {t("閉じる", "Close")}
          </button>
          <details>
            <summary>{t("文字列で渡す", "Hand it over as text")}</summary>
            <p class="code" data-code>
              {answer}
            </p>
          </details>
        </>
      )}
      {!answer && request && (
        <>
          <h2>{t(`${town}の利用者登録`, `Registration in ${town}`)}</h2>
          <p>
            {t(
              "この財布の口座で登録することに署名します。氏名やマイキーIDは含まれません。",
              "You sign that this purse's account is yours. No name and no MyKey ID is in it.",
            )}
          </p>
          <PassphraseForm
            action={t("署名する", "Sign")}
            onPassphrase={async (passphrase, progress) =>
              setAnswer(await purse.signRegistration(request, passphrase, progress))
            }
            onCancel={onDone}
          />
        </>
      )}
      {!answer && !request && (
        <>
          {refusal && <Notice kind="bad">{refusal}</Notice>}
          <Scanner
            hint={t("窓口のQRコードを映してください。", "Hold the town hall's QR code before the camera.")}
            onText={read}
          />
          <button type="button" class="quiet" onClick={onDone}>
            {t("やめる", "Cancel")}
          </button>
        </>
      )}
    </section>
  );
}
