import { useEffect, useState } from "preact/hooks";
import { said, t } from "@/lib/bilingual";
import { dayOf, now, timeLabel } from "@/lib/calendar";
import { digits, pointsText, yenText } from "@/lib/money";
import { dayOfSale, serialOfSale } from "@/lib/sale";
import { issueSentence, saleLabel } from "@/lib/sentences";
import { useFocusAt } from "@/ui/focus";
import { QrPicture, Scanner } from "@/ui/qr";
import { Notice, reasonOf } from "@/ui/shell";
import { STAGES } from "./books";
import { UNVERIFIABLE } from "./checks";
import { Keypad } from "./keypad";
import type { TillSale } from "./queue";
import type { Till } from "./till";

type Step =
  | { at: "amount" }
  | { at: "code" | "scan"; sale: TillSale }
  /** `sale` was taken; `asked` is the one that stood on the screen. */
  | { at: "result"; sale: TillSale; asked: TillSale };

/** A sale: the amount, the code for the customer, the customer's code, done. `open` is one to go on with. */
export function SaleTab({ till, open }: { till: Till; open?: TillSale | undefined }) {
  const [step, setStep] = useState<Step>(open ? { at: "code", sale: open } : { at: "amount" });
  const next = () => setStep({ at: "amount" });
  const place = useFocusAt<HTMLElement>(step.at);
  return (
    <div class="counter">
      <section class="card sale" tabIndex={-1} ref={step.at === "amount" ? null : place}>
        {step.at === "amount" && <Amount till={till} onOpen={(sale) => setStep({ at: "code", sale })} />}
        {step.at === "code" && (
          <Code
            till={till}
            sale={step.sale}
            onScan={() => setStep({ at: "scan", sale: step.sale })}
            onCancel={next}
          />
        )}
        {step.at === "scan" && (
          <Scan
            till={till}
            sale={step.sale}
            onTaken={(sale) => setStep({ at: "result", sale, asked: step.sale })}
            onBack={() => setStep({ at: "code", sale: step.sale })}
          />
        )}
        {step.at === "result" && step.sale.number === step.asked.number && (
          <Result till={till} sale={step.sale} onNext={next} />
        )}
        {step.at === "result" && step.sale.number !== step.asked.number && (
          <OtherSale
            taken={step.sale}
            asked={step.asked}
            onBack={() => setStep({ at: "code", sale: step.asked })}
          />
        )}
      </section>
      <Today till={till} />
    </div>
  );
}

function Amount({ till, onOpen }: { till: Till; onOpen: (sale: TillSale) => void }) {
  const [points, setPoints] = useState(0);
  const [refusal, setRefusal] = useState("");
  const open = async () => {
    try {
      onOpen(await till.openSale(points));
    } catch (error) {
      setRefusal(reasonOf(error));
    }
  };
  return (
    <>
      <h2>{t("いただくポイント", "Points to take")}</h2>
      <p class="display" role="status">
        <span class="amount huge">{digits(points)}</span>
        <span class="unit">{t("ポイント", points === 1 ? "point" : "points")}</span>
        <span class="equal">{t(`${yenText(points)}分`, `worth ${yenText(points)}`)}</span>
      </p>
      <Keypad value={points} onChange={setPoints} />
      {refusal && <Notice kind="bad">{refusal}</Notice>}
      <button type="button" class="main" disabled={points === 0} onClick={open}>
        {t("お客様にQRコードを見せる", "Show the customer the QR code")}
      </button>
    </>
  );
}

function Code({
  till,
  sale,
  onScan,
  onCancel,
}: {
  till: Till;
  sale: TillSale;
  onScan: () => void;
  onCancel: () => void;
}) {
  const [text, setText] = useState("");
  useEffect(() => {
    void till.codeOf(sale).then(setText);
  }, [till, sale]);
  return (
    <>
      <h2>{t("お客様に見せてください", "Show this to the customer")}</h2>
      <p class="display small">
        <span class="amount">{pointsText(sale.points)}</span>
        <span class="equal">{said(saleLabel(sale.number))}</span>
      </p>
      {text && <QrPicture text={text} label={t("お支払いのQRコード", "QR code for the payment")} />}
      <button type="button" class="main" onClick={onScan}>
        {t("お客様のQRコードを読む", "Read the customer's QR code")}
      </button>
      <button type="button" class="quiet" onClick={onCancel}>
        {t("この売上をやめる", "Leave this sale")}
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

function Scan({
  till,
  sale,
  onTaken,
  onBack,
}: {
  till: Till;
  sale: TillSale;
  onTaken: (sale: TillSale) => void;
  onBack: () => void;
}) {
  const [refusal, setRefusal] = useState("");
  const [isBusy, setBusy] = useState(false);
  const take = async (text: string) => {
    if (isBusy) return;
    setBusy(true);
    setRefusal("");
    try {
      const taken = await till.accept(text);
      void till.flush();
      onTaken(taken);
    } catch (error) {
      setRefusal(reasonOf(error));
      setBusy(false);
    }
  };
  return (
    <>
      <h2>{pointsText(sale.points)}</h2>
      {refusal && (
        <Notice kind="bad">
          <strong>{t("受け付けられません。", "It cannot be taken.")}</strong>
          <span>{refusal}</span>
        </Notice>
      )}
      <Scanner
        hint={t("お客様の画面のQRコードを映してください。", "Hold the customer's QR code before the camera.")}
        onText={take}
        busy={isBusy}
      />
      <button type="button" class="quiet" onClick={onBack}>
        {t("QRコードをもう一度見せる", "Show the code again")}
      </button>
    </>
  );
}

function Result({ till, sale, onNext }: { till: Till; sale: TillSale; onNext: () => void }) {
  const isSending = sale.stage === "waiting" && till.line !== "down" && till.isSending;
  return (
    <>
      <div
        class={`outcome ${sale.stage === "paid" ? "good" : sale.stage === "not paid" ? "bad" : "waiting"}`}
      >
        <span class="big-sign" aria-hidden="true">
          {sale.stage === "paid" ? "✓" : sale.stage === "not paid" ? "×" : "…"}
        </span>
        <h2>
          {sale.stage === "paid" && t("お支払いが済みました", "Paid")}
          {sale.stage === "not paid" && t("お支払いは成立していません", "Not paid")}
          {sale.stage !== "paid" &&
            sale.stage !== "not paid" &&
            (isSending || sale.stage === "sending"
              ? t("台帳に記録しています…", "Being entered in the ledger…")
              : t("受け付けました(送信待ち)", "Taken; waiting to be sent"))}
        </h2>
        <p class="amount huge">{pointsText(sale.points)}</p>
        <p>{said(saleLabel(sale.number))}</p>
      </div>
      {sale.stage === "not paid" && <Notice kind="bad">{said(issueSentence(sale.issue))}</Notice>}
      <button type="button" class="main" onClick={onNext}>
        {t("次の売上", "Next sale")}
      </button>
      {sale.offline && sale.stage !== "paid" && sale.stage !== "not paid" && (
        <Notice kind="warning">
          <strong>
            {t("通信がないため、次のことは確かめていません。", "Without a line this was not checked:")}
          </strong>
          <ul class="dots">
            {UNVERIFIABLE.map((each) => (
              <li key={each.en}>{said(each)}</li>
            ))}
          </ul>
          <span>{t("通信が戻ると自動で送信します。", "It is sent by itself when the line is back.")}</span>
        </Notice>
      )}
    </>
  );
}

/** A customer showed the answer for an earlier sale: it is taken, and nobody may believe that this one is paid. */
function OtherSale({ taken, asked, onBack }: { taken: TillSale; asked: TillSale; onBack: () => void }) {
  return (
    <>
      <div class="outcome bad">
        <span class="big-sign" aria-hidden="true">
          !
        </span>
        <h2>{t("別の売上のお支払いです", "This pays another sale")}</h2>
        <p>
          {t("受け付けたのは", "Taken:")} {said(saleLabel(taken.number))}
        </p>
        <p class="amount">{pointsText(taken.points)}</p>
      </div>
      <Notice kind="bad">
        {t(
          `いまの売上(${serialOfSale(asked.number)}番・${pointsText(asked.points)})は、まだお支払いがありません。`,
          `The present sale (no. ${serialOfSale(asked.number)}, ${pointsText(asked.points)}) is not paid yet.`,
        )}
      </Notice>
      <button type="button" class="main" onClick={onBack}>
        {t("いまの売上に戻る", "Back to the present sale")}
      </button>
    </>
  );
}

/** What was sold today, beside the sale on a wide screen. */
function Today({ till }: { till: Till }) {
  const today = dayOf(now());
  const sales = [...till.queue.sales.values()].filter((sale) => dayOfSale(sale.number) === today).reverse();
  const paid = sales.filter((sale) => sale.stage === "paid");
  return (
    <aside class="card today" aria-label={t("本日の売上", "Today")}>
      <h2>{t("本日の売上", "Today")}</h2>
      <p class="display small">
        <span class="amount">{pointsText(paid.reduce((sum, sale) => sum + sale.points, 0))}</span>
        <span class="equal">{t(`支払済 ${paid.length}件`, `${paid.length} paid`)}</span>
      </p>
      <ul class="rows">
        {sales.slice(0, 8).map((sale) => (
          <li key={sale.number}>
            <span>
              {timeLabel(sale.openedAt)}{" "}
              <small>{t(`${serialOfSale(sale.number)}番`, `No. ${serialOfSale(sale.number)}`)}</small>
              <br />
              <StageMark sale={sale} />
            </span>
            <span class="amount">{pointsText(sale.points)}</span>
          </li>
        ))}
      </ul>
    </aside>
  );
}

export function StageMark({ sale }: { sale: TillSale }) {
  const signs = { open: "○", waiting: "…", sending: "→", paid: "✓", "not paid": "×", voided: "—" } as const;
  return (
    <span class={`stage ${sale.stage.replace(" ", "-")}`}>
      <span aria-hidden="true">{signs[sale.stage]} </span>
      {said(STAGES[sale.stage])}
    </span>
  );
}
