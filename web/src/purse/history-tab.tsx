import { useEffect, useState } from "preact/hooks";
import { half, said, t } from "@/lib/bilingual";
import { dateLabel, now, recentLabel, timeLabel } from "@/lib/calendar";
import { download } from "@/lib/csv";
import { pointsText } from "@/lib/money";
import { PassphraseForm } from "@/ui/passphrase";
import { QrPicture } from "@/ui/qr";
import { Notice, reasonOf } from "@/ui/shell";
import type { Knowledge } from "./knowledge";
import { type Movement, yearlyStatement } from "./movements";
import type { Purse } from "./purse";

/** What is promised, and what has moved. */
export function HistoryTab({ purse }: { purse: Purse }) {
  const [chosen, setChosen] = useState(purse.ours[0]?.series);
  const known = purse.ours.find((each) => each.series === chosen) ?? purse.ours[0];
  if (!known) return <p>{t("履歴はまだありません。", "There is no history yet.")}</p>;
  return (
    <>
      {purse.ours.length > 1 && (
        <label>
          {t("ポイント", "Points")}
          <select
            value={known.series}
            onChange={(event) => setChosen(event.currentTarget.value as typeof chosen)}
          >
            {purse.ours.map((each) => (
              <option key={each.series} value={each.series}>
                {each.town} {each.name}
              </option>
            ))}
          </select>
        </label>
      )}
      <Promised purse={purse} known={known} />
      <Moved key={known.series} purse={purse} known={known} />
    </>
  );
}

function Promised({ purse, known }: { purse: Purse; known: Knowledge }) {
  const [isCancelling, setCancelling] = useState(false);
  const [shown, setShown] = useState("");
  const open = purse.desk.promised([known]).filter((each) => each.isOpen && each.series === known.series);
  if (open.length === 0) return null;
  return (
    <section class="card">
      <h2>{t("お店がまだ送信していない支払い", "Promised, not submitted yet")}</h2>
      <ul class="rows">
        {open.map(({ text, payment, at }) => (
          <li key={text} class="promised">
            <span>
              {known.shops[payment.merchant]?.name ?? payment.merchant}
              <br />
              <small>{said(recentLabel(at))}</small>
            </span>
            <span class="amount">{pointsText(payment.points)}</span>
            {shown === text ? (
              <QrPicture text={text} label={t("お支払いのQRコード", "QR code of the payment")} />
            ) : (
              <button type="button" onClick={() => setShown(text)}>
                {t("QRコードをもう一度見せる", "Show the QR code again")}
              </button>
            )}
          </li>
        ))}
      </ul>
      {isCancelling ? (
        <PassphraseForm
          action={t("すべて取り消す", "Cancel all of it")}
          onPassphrase={(passphrase, progress) => purse.cancelSignatures(known, passphrase, progress)}
          onCancel={() => setCancelling(false)}
        />
      ) : (
        <button type="button" class="danger" onClick={() => setCancelling(true)}>
          {t("まだ送信されていない支払いを取り消す", "Cancel what is not submitted")}
        </button>
      )}
    </section>
  );
}

function Moved({ purse, known }: { purse: Purse; known: Knowledge }) {
  const [moved, setMoved] = useState<Movement[] | Error>();
  useEffect(() => {
    purse.movements(known).then(setMoved, setMoved);
  }, [purse, known]);
  const date = new Date((now() + 9 * 60 * 60) * 1000);
  const fiscalYear = date.getUTCFullYear() - (date.getUTCMonth() < 3 ? 1 : 0);
  const [year, setYear] = useState(fiscalYear);
  return (
    <section class="card">
      <h2>{t("ポイントの動き", "What has moved")}</h2>
      {moved instanceof Error && <Notice kind="warning">{reasonOf(moved)}</Notice>}
      {!moved && <p>{t("読み込んでいます…", "Being read…")}</p>}
      {moved && !(moved instanceof Error) && (
        <>
          {moved.length === 0 && <p>{t("まだありません。", "Nothing yet.")}</p>}
          <ul class="rows">
            {[...moved].reverse().map((each, place) => (
              <li key={`${each.transaction} ${each.kind} ${moved.length - place}`}>
                <span>
                  {half(each.kind)}
                  {each.other &&
                    `:${each.other.startsWith("0x") ? `${each.other.slice(0, 8)}…` : each.other}`}
                  <br />
                  <small>
                    {said(dateLabel(each.at))} {timeLabel(each.at)}
                  </small>
                </span>
                <span class="amount">
                  {each.points > 0 ? "+" : "−"}
                  {pointsText(Math.abs(each.points))}
                </span>
              </li>
            ))}
          </ul>
          <label>
            {t("明細の年度", "Fiscal year of the statement")}
            <select value={year} onChange={(event) => setYear(Number(event.currentTarget.value))}>
              {[0, 1, 2, 3, 4].map((back) => (
                <option key={back} value={fiscalYear - back}>
                  {t(`${fiscalYear - back}年度`, `Fiscal year ${fiscalYear - back}`)}
                </option>
              ))}
            </select>
          </label>
          <button type="button" onClick={() => download(`${year}.csv`, yearlyStatement(moved, year))}>
            {t("明細をCSVで保存", "Save the statement as CSV")}
          </button>
        </>
      )}
    </section>
  );
}
