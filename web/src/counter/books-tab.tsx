import { useEffect, useState } from "preact/hooks";
import { half, said, t } from "@/lib/bilingual";
import { dayLabel, dayOf, monthLabel, monthOf, now, startOf, timeLabel } from "@/lib/calendar";
import { download } from "@/lib/csv";
import { pointsText, yenText } from "@/lib/money";
import { serialOfSale } from "@/lib/sale";
import { Notice, reasonOf } from "@/ui/shell";
import { dayBook, monthStatement } from "./books";
import { KINDS, type ShopEvent } from "./sales";
import type { Claim, PlannedRefund, Till } from "./till";

/** The claim, the day book with refunds, and the month's statement. */
export function BooksTab({ till }: { till: Till }) {
  const [round, setRound] = useState(0);
  const onChange = () => setRound(round + 1);
  return (
    <div class="two">
      <div class="stack">
        <ClaimCard till={till} round={round} onChange={onChange} />
        <MonthCard till={till} />
      </div>
      <DayCard till={till} round={round} onChange={onChange} />
    </div>
  );
}

/** A change asks the chain again: `round` counts them. */
interface Asking {
  till: Till;
  round: number;
  onChange: () => void;
}

function ClaimCard({ till, round, onChange }: Asking) {
  const [claim, setClaim] = useState<Claim | Error>();
  const [outcome, setOutcome] = useState("");
  useEffect(() => void till.claim().then(setClaim, setClaim), [till, round]);
  const request = async () => {
    try {
      await till.requestSettlement();
      setOutcome(t("精算を請求しました。", "Settlement is requested."));
      onChange();
    } catch (error) {
      setOutcome(reasonOf(error));
    }
  };
  return (
    <section class="card">
      <h2>{t("役場から受け取るお金", "What the town hall owes")}</h2>
      {claim instanceof Error && <Notice kind="warning">{reasonOf(claim)}</Notice>}
      {claim && !(claim instanceof Error) && (
        <>
          <p class="display small">
            <span class="amount">{yenText(claim.thisYear + claim.earlierYears + claim.locked)}</span>
            <span class="equal">{t("1ポイント=1円", "1 point = 1 yen")}</span>
          </p>
          <dl class="figures">
            <dt>{t("今年度", "This fiscal year")}</dt>
            <dd class="amount">{pointsText(claim.thisYear)}</dd>
            <dt>{t("過年度", "Earlier years")}</dt>
            <dd class="amount">{pointsText(claim.earlierYears)}</dd>
            <dt>{t("精算の手続き中", "In settlement")}</dt>
            <dd class="amount">{pointsText(claim.locked)}</dd>
          </dl>
          {till.isOwner ? (
            <button type="button" disabled={claim.thisYear + claim.earlierYears === 0} onClick={request}>
              {t("精算を請求する", "Ask for settlement")}
            </button>
          ) : (
            <p class="fine">
              {t("精算の請求は、店の代表者のレジでできます。", "The owner's till can ask for settlement.")}
            </p>
          )}
        </>
      )}
      {outcome && <Notice kind="info">{outcome}</Notice>}
    </section>
  );
}

function DayCard({ till, round, onChange }: Asking) {
  const [day, setDay] = useState(dayOf(now()));
  const [events, setEvents] = useState<ShopEvent[] | Error>();
  const [refunding, setRefunding] = useState<number>();
  useEffect(() => {
    setEvents(undefined);
    till.eventsSince(day).then((all) => setEvents(all.filter((event) => dayOf(event.at) === day)), setEvents);
  }, [till, day, round]);
  const save = () => {
    if (events && !(events instanceof Error))
      download(`${dayLabel(day).en}.csv`, dayBook(events, till.queue, day));
  };
  return (
    <section class="card">
      <h2>{t("日計表", "Day book")}</h2>
      <div class="day-choice">
        <button type="button" onClick={() => setDay(day - 1)}>
          {t("前の日", "Day before")}
        </button>
        <strong>{said(dayLabel(day))}</strong>
        <button type="button" disabled={day >= dayOf(now())} onClick={() => setDay(day + 1)}>
          {t("次の日", "Day after")}
        </button>
      </div>
      {events instanceof Error && <Notice kind="warning">{reasonOf(events)}</Notice>}
      {events && !(events instanceof Error) && (
        <>
          <p class="display small">
            <span class="amount">{pointsText(events.reduce((sum, event) => sum + event.points, 0))}</span>
            <span class="equal">{t("この日の増減", "change of the day")}</span>
          </p>
          {events.length === 0 && <p>{t("この日の記録はありません。", "Nothing was booked that day.")}</p>}
          <ul class="rows">
            {events.map((event) => (
              <li key={event.kind + event.transaction + event.sale} class="booked">
                <span>
                  {timeLabel(event.at)} {half(KINDS[event.kind])}
                  {event.sale !== undefined && (
                    <small> {t(`${serialOfSale(event.sale)}番`, `No. ${serialOfSale(event.sale)}`)}</small>
                  )}
                </span>
                <span class="line-end">
                  <span class="amount">{pointsText(event.points)}</span>
                  {event.kind === "sale" && till.isOwner && refunding !== event.sale && (
                    <button type="button" class="quiet" onClick={() => setRefunding(event.sale)}>
                      {t("返品", "Refund")}
                    </button>
                  )}
                </span>
                {event.kind === "sale" && event.sale !== undefined && refunding === event.sale && (
                  <RefundCard
                    till={till}
                    sale={event.sale}
                    onDone={() => {
                      setRefunding(undefined);
                      onChange();
                    }}
                  />
                )}
              </li>
            ))}
          </ul>
          <button type="button" onClick={save}>
            {t("日計表をCSVで保存", "Save the day book as CSV")}
          </button>
        </>
      )}
    </section>
  );
}

function RefundCard({ till, sale, onDone }: { till: Till; sale: number; onDone: () => void }) {
  const [points, setPoints] = useState<number>();
  const [planned, setPlanned] = useState<PlannedRefund>();
  const [refusal, setRefusal] = useState("");
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    setRefusal("");
    till.planRefund(sale, points).then(setPlanned, (error) => {
      setPlanned(undefined);
      setRefusal(reasonOf(error));
    });
  }, [till, sale, points]);
  const give = async () => {
    if (!planned) return;
    setBusy(true);
    try {
      await till.refund(planned);
      onDone();
    } catch (error) {
      setRefusal(reasonOf(error));
      setBusy(false);
    }
  };
  return (
    <section class="card inner" aria-label={t("返品", "Refund")}>
      <h3>{t(`${serialOfSale(sale)}番の返品`, `Refund of No. ${serialOfSale(sale)}`)}</h3>
      <label>
        {t("返すポイント", "Points to return")}
        <input
          type="number"
          inputMode="numeric"
          min={1}
          value={points ?? planned?.left ?? ""}
          onChange={(event) => setPoints(Number(event.currentTarget.value) || undefined)}
        />
      </label>
      {refusal && <Notice kind="bad">{refusal}</Notice>}
      {planned && (
        <p>
          {t(
            `${pointsText(planned.returned)}をお客様に返します。`,
            `${pointsText(planned.returned)} go back to the customer. `,
          )}
          {planned.unreturnable > 0 &&
            t(
              `${pointsText(planned.unreturnable)}は期限切れのため返せません。`,
              `${pointsText(planned.unreturnable)} have ended and cannot go back.`,
            )}
        </p>
      )}
      <div class="choices">
        <button type="button" onClick={onDone} disabled={isBusy}>
          {t("やめる", "Cancel")}
        </button>
        <button type="button" class="danger" onClick={give} disabled={!planned || isBusy}>
          {isBusy ? t("記録しています…", "Being entered…") : t("返品する", "Refund")}
        </button>
      </div>
    </section>
  );
}

function MonthCard({ till }: { till: Till }) {
  const [month, setMonth] = useState(monthOf(now()));
  const [refusal, setRefusal] = useState("");
  const save = async () => {
    setRefusal("");
    try {
      const events = await till.eventsSince(dayOf(startOf(month)));
      download(`${monthLabel(month).en}.csv`, monthStatement(events, month));
    } catch (error) {
      setRefusal(reasonOf(error));
    }
  };
  return (
    <section class="card">
      <h2>{t("月次明細", "Month statement")}</h2>
      <label>
        {t("月", "Month")}
        <select value={month} onChange={(event) => setMonth(Number(event.currentTarget.value))}>
          {Array.from({ length: 24 }, (_, back) => monthOf(now()) - back).map((each) => (
            <option key={each} value={each}>
              {said(monthLabel(each))}
            </option>
          ))}
        </select>
      </label>
      {refusal && <Notice kind="bad">{refusal}</Notice>}
      <button type="button" onClick={save}>
        {t("月次明細をCSVで保存", "Save the statement as CSV")}
      </button>
    </section>
  );
}
