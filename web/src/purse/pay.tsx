import { useState } from "preact/hooks";
import { said, t } from "@/lib/bilingual";
import { lastDayLabel, recentLabel } from "@/lib/calendar";
import { digits, pointsText, yenText } from "@/lib/money";
import { useFocusAt } from "@/ui/focus";
import { PassphraseForm } from "@/ui/passphrase";
import { QrPicture, Scanner } from "@/ui/qr";
import { Notice, reasonOf } from "@/ui/shell";
import type { Offer } from "./desk";
import type { Purse } from "./purse";

/** A payment: read the shop's code, see whom and how much, approve, show the answer. */
export function Pay({ purse, onDone }: { purse: Purse; onDone: () => void }) {
  const [offer, setOffer] = useState<Offer>();
  const [answer, setAnswer] = useState("");
  const [refusal, setRefusal] = useState("");
  const place = useFocusAt<HTMLElement>(answer ? "answer" : offer ? "offer" : "scan");
  const read = async (text: string) => {
    setRefusal("");
    try {
      setOffer(await purse.consider(text));
    } catch (error) {
      setRefusal(reasonOf(error));
    }
  };
  return (
    <section class="card" tabIndex={-1} ref={place}>
      {answer && offer && <Answer offer={offer} text={answer} onDone={onDone} />}
      {!answer && offer && (
        <>
          <Asked offer={offer} />
          <PassphraseForm
            action={t(`${pointsText(offer.points)}を支払う`, `Pay ${pointsText(offer.points)}`)}
            onPassphrase={async (passphrase, progress) =>
              setAnswer(await purse.pay(offer, passphrase, progress))
            }
            onCancel={onDone}
          />
        </>
      )}
      {!offer && (
        <>
          {refusal && (
            <Notice kind="bad">
              <strong>{t("支払えません。", "This cannot be paid.")}</strong>
              <span>{refusal}</span>
            </Notice>
          )}
          <Scanner
            hint={t("お店のQRコードを映してください。", "Hold the shop's QR code before the camera.")}
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

function Asked({ offer }: { offer: Offer }) {
  const [first] = offer.spent;
  return (
    <div class="asked">
      <p class="label">{t("支払い先", "To")}</p>
      <h2>{offer.shop}</h2>
      <p>
        {offer.place}
        <small> {t(`${offer.known.town}が承認した加盟店`, `approved by ${offer.known.town}`)}</small>
      </p>
      <p class="paying">
        <span class="amount huge">{digits(offer.points)}</span>{" "}
        <span class="unit">{t("ポイント", offer.points === 1 ? "point" : "points")}</span>
        <span class="equal">{t(`${yenText(offer.points)}分`, `worth ${yenText(offer.points)}`)}</span>
      </p>
      <dl class="figures">
        <dt>{t("支払い後の残り", "Left afterwards")}</dt>
        <dd class="amount">{pointsText(offer.left)}</dd>
        {first && (
          <>
            <dt>{t("使うポイントの期限", "The points used end")}</dt>
            <dd>{said(lastDayLabel(first.month))}</dd>
          </>
        )}
      </dl>
      <p class="fine">
        {offer.known.name}・
        {t(`残高は${recentLabel(offer.at).ja}現在`, `points as of ${recentLabel(offer.at).en}`)}
      </p>
    </div>
  );
}

function Answer({ offer, text, onDone }: { offer: Offer; text: string; onDone: () => void }) {
  return (
    <>
      <h2>{t("お店の人に見せてください", "Show this to the shop")}</h2>
      <p class="pay-line">
        {offer.shop} <span class="amount">{pointsText(offer.points)}</span>
      </p>
      <QrPicture text={text} label={t("お支払いのQRコード", "QR code of the payment")} />
      <Notice kind="info">
        {t("お店が読み取ると、お支払いが済みます。", "The payment is made when the shop has read it.")}
      </Notice>
      <button type="button" class="main" onClick={onDone}>
        {t("閉じる", "Close")}
      </button>
      <details>
        <summary>{t("文字列で渡す", "Hand it over as text")}</summary>
        <p class="code" data-code>
          {text}
        </p>
      </details>
    </>
  );
}
