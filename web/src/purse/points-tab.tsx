import { said, t } from "@/lib/bilingual";
import { daysLeft, lastDayLabel, NEVER_MONTH, now, recentLabel } from "@/lib/calendar";
import { digits, pointsText } from "@/lib/money";
import { Notice, reasonOf } from "@/ui/shell";
import { type Knowledge, type Lot, liveLots, totalOf } from "./knowledge";
import type { Purse } from "./purse";

const SOON_DAYS = 31;

/** Points by town with the dates they end: what ends first is on top. */
export function PointsTab({
  purse,
  onPay,
  onRegister,
}: {
  purse: Purse;
  onPay: () => void;
  onRegister: () => void;
}) {
  const at = now();
  const series = purse.ours
    .map((known) => ({ known, lots: liveLots(known, at) }))
    .sort((a, b) => (a.lots[0]?.month ?? NEVER_MONTH + 1) - (b.lots[0]?.month ?? NEVER_MONTH + 1));
  const oldest = Math.min(...purse.ours.map((known) => known.at));
  return (
    <>
      <button type="button" class="main pay" disabled={purse.ours.length === 0} onClick={onPay}>
        {t("お店のQRコードを読んで支払う", "Read a shop's QR code and pay")}
      </button>
      {purse.trouble !== undefined && <Notice kind="bad">{reasonOf(purse.trouble)}</Notice>}
      {series.map(({ known, lots }) => (
        <SeriesCard
          key={known.series}
          known={known}
          lots={lots}
          spendable={totalOf(purse.desk.unpromised(known))}
          at={at}
        />
      ))}
      {purse.ours.length === 0 && !purse.isLearning && <Unregistered />}
      <p class="fine standing" role="status">
        {purse.isLearning && t("最新の残高を確かめています…", "Looking up the latest points…")}
        {!purse.isLearning && purse.ours.length > 0 && (
          <>
            {t(`${recentLabel(oldest).ja}現在`, `As of ${recentLabel(oldest).en}`)}
            {purse.isOffline && t("(通信なし)", " (no line)")}
          </>
        )}
      </p>
      {!purse.isLearning && (
        <button type="button" onClick={() => void purse.learn()}>
          {t("最新の残高を確かめる", "Look up the latest points")}
        </button>
      )}
      <button type="button" class="quiet" onClick={onRegister}>
        {t("自治体の窓口のコードで登録する", "Register with a town hall's code")}
      </button>
    </>
  );
}

function SeriesCard({
  known,
  lots,
  spendable,
  at,
}: {
  known: Knowledge;
  lots: Lot[];
  spendable: number;
  at: number;
}) {
  const total = totalOf(lots);
  return (
    <section class="card series" aria-label={`${known.town} ${known.name}`}>
      <h2>
        {known.town}
        <small>{known.name}</small>
      </h2>
      <p>
        <span class="amount huge">{digits(total)}</span>{" "}
        <span class="unit">{t("ポイント", total === 1 ? "point" : "points")}</span>
      </p>
      {spendable < total && (
        <p class="fine">
          {t(
            `うち${pointsText(total - spendable)}は支払い手続き中です。使えるのは${pointsText(spendable)}。`,
            `Of these, ${pointsText(total - spendable)} are promised; ${pointsText(spendable)} can be spent.`,
          )}
        </p>
      )}
      {lots.length > 0 && (
        <ul class="rows">
          {lots.map((lot) => (
            <li key={lot.month}>
              <Until month={lot.month} at={at} />
              <span class="amount">{pointsText(lot.points)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** Until when, and whether that is soon: in words and with a sign. */
function Until({ month, at }: { month: number; at: number }) {
  if (month >= NEVER_MONTH) return <span>{t("期限なし", "Without end")}</span>;
  const left = daysLeft(month, at);
  return (
    <span>
      {t(`${said(lastDayLabel(month))}まで`, `Until ${said(lastDayLabel(month))}`)}
      {left <= SOON_DAYS && (
        <strong class="soon">
          <span class="sign small" aria-hidden="true">
            !
          </span>
          {left === 1 ? t("今日まで", "ends today") : t(`あと${left}日`, `${left} days left`)}
        </strong>
      )}
    </span>
  );
}

function Unregistered() {
  return (
    <Notice kind="info">
      <strong>{t("まだ登録されていません。", "Not registered yet.")}</strong>
      <span>
        {t(
          "お住まいの自治体の窓口で、下のボタンから登録してください。ポイントを受け取ると、ここに表示されます。",
          "Register at your town hall with the button below. Points appear here once they are granted.",
        )}
      </span>
    </Notice>
  );
}
