import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { language, said, t } from "@/lib/bilingual";
import { type BookedSeries, codeText } from "@/lib/book";
import { dateLabel, momentLabel, monthLabel } from "@/lib/calendar";
import { asCsv, download } from "@/lib/csv";
import { digits, pointsText } from "@/lib/money";
import { useObserved } from "@/ui/observe";
import { Notice, reasonOf, Shell } from "@/ui/shell";
import { FlowChart, OutstandingChart } from "./charts";
import { type Computed, type Ledger, titleOf, together } from "./ledger";
import { FLOW_MEANINGS, FLOW_NAMES, periodName } from "./names";
import { FEWEST_PEOPLE, type Period, shownFlows } from "./periods";
import type { Flow } from "./replay";

const SHOWN_TRANSACTIONS = 20;

export function LedgerPage({ ledger }: { ledger: Ledger }) {
  useObserved(ledger, language);
  const { family, busy, problem } = ledger;
  return (
    <Shell title={t("公開台帳", "Public ledger")}>
      <ChooseSeries ledger={ledger} />
      {busy !== undefined && <Notice kind="info">{said(busy)}…</Notice>}
      {problem !== undefined && <Notice kind="bad">{reasonOf(problem)}</Notice>}
      {family !== undefined && (
        <Family key={family.map((each) => each.series.address).join()} ledger={ledger} family={family} />
      )}
    </Shell>
  );
}

function ChooseSeries({ ledger }: { ledger: Ledger }) {
  const { series } = ledger.chain.book;
  return (
    <section class="card">
      <h2>{t("ポイントはどこから来て、どこへ行ったか", "Where points come from and where they go")}</h2>
      <p>
        {t(
          "下の数字はすべて、この画面がチェーンの記録から計算したものです。役所の集計を写したものではありません。",
          "Every figure below is computed by this page from the chain's records; none is copied from anybody's report.",
        )}
      </p>
      <label>
        {t("自治体とポイント", "Municipality and points")}
        <select
          name="series"
          onChange={(event) => {
            const found = series.find((each) => each.address === event.currentTarget.value);
            if (found !== undefined) void ledger.choose(found);
          }}
        >
          {series.map((each) => (
            <option key={each.address} value={each.address}>
              {each.town}({codeText(each.municipality)}) {titleOf(each, series)}
            </option>
          ))}
        </select>
      </label>
    </section>
  );
}

interface Chosen {
  readonly computed: Computed;
  readonly period: Period;
  readonly flow: Flow;
}

function Family({ ledger, family }: { ledger: Ledger; family: readonly Computed[] }) {
  const [chosen, setChosen] = useState<Chosen>();
  return (
    <>
      {family.length > 1 && <Succession family={family} />}
      {family.map((computed) => (
        <Books
          key={computed.series.address}
          ledger={ledger}
          computed={computed}
          isOfFamily={family.length > 1}
          chosen={chosen?.computed === computed ? chosen : undefined}
          onChoose={setChosen}
        />
      ))}
      <Meanings flows={shownFlows(family.flatMap((each) => each.published.periods))} />
    </>
  );
}

/** The series that were closed for one another, in order, and what residents hold in all of them. */
function Succession({ family }: { family: readonly Computed[] }) {
  const sum = together(family);
  const month = sum === undefined ? undefined : monthLabel(sum.month);
  return (
    <section class="card succession">
      <h2>{t("引き継がれたポイント", "Points that took over from one another")}</h2>
      <p>
        {t(
          "前の種別は終了し、残高・期限・お店の未精算分は次の種別へ引き継がれました。下に、古い順にすべて示します。",
          "Each was closed for the next, which took over what residents held, with its months of expiry, and what shops were owed. All of them stand below, the earliest first.",
        )}
      </p>
      <ol class="rows">
        {family.map(({ series, title }, place) => (
          <li key={series.address}>
            <span>
              <a href={`#${idOf(series)}`}>{title}</a>
              <br />
              <small>
                {place + 1 < family.length
                  ? t("終了、次へ引継ぎ", "closed for the next")
                  : t("現在", "in use")}
              </small>
            </span>
            {sum !== undefined && <strong class="amount">{pointsText(sum.outstanding[place] ?? 0)}</strong>}
          </li>
        ))}
        {sum !== undefined && (
          <li class="total">
            <span>{t("住民が持つポイントの合計", "What residents hold in all")}</span>
            <strong class="amount">{pointsText(sum.total)}</strong>
          </li>
        )}
      </ol>
      <p class="fine">
        {month === undefined
          ? t(
              "合計は、すべての種別で公表された月ができてから示します。",
              "The sum follows once a month is published of each of them.",
            )
          : t(`${month.ja}の終わりの残高。`, `At the end of ${month.en}.`)}
      </p>
    </section>
  );
}

function idOf(series: BookedSeries): string {
  return `series-${series.symbol}`;
}

function Books({
  ledger,
  computed,
  isOfFamily,
  chosen,
  onChoose,
}: {
  ledger: Ledger;
  computed: Computed;
  isOfFamily: boolean;
  chosen: Chosen | undefined;
  onChoose: (chosen: Chosen | undefined) => void;
}) {
  const { periods } = computed.published;
  return (
    <>
      <Proof computed={computed} isOfFamily={isOfFamily} />
      <section class="card" id={idOf(computed.series)}>
        <h2>
          {computed.series.town} {computed.title}
        </h2>
        {periods.length === 0 ? (
          <Notice kind="info">{waitingText(computed)}</Notice>
        ) : (
          <>
            <div class="charts">
              <FlowChart periods={periods} />
              <OutstandingChart periods={periods} />
            </div>
            <Figures
              computed={computed}
              chosen={chosen}
              onChoose={(period, flow) => onChoose({ computed, period, flow })}
            />
          </>
        )}
      </section>
      {chosen !== undefined && (
        <Behind
          key={`${chosen.period.first} ${chosen.flow}`}
          ledger={ledger}
          period={chosen.period}
          flow={chosen.flow}
          onClose={() => onChoose(undefined)}
        />
      )}
    </>
  );
}

/** Both sources, and that they agree. */
function Proof({ computed, isOfFamily }: { computed: Computed; isOfFamily: boolean }) {
  const { dataset, differences, chain, block, at, isSupplyRight } = computed;
  return (
    <section class="card proof">
      <h2>
        {t("照合", "Checked")}
        {isOfFamily && `: ${computed.title}`}
      </h2>
      {differences.length > 0 || !isSupplyRight ? (
        <Notice kind="bad">
          <strong>{t("一致しません", "They do not agree")}</strong>
          {differences.map((each) => (
            <span key={each.en}>{said(each)}</span>
          ))}
          {!isSupplyRight && (
            <span>
              {t("計算した残高が契約の答えと違います", "the contract answers another outstanding amount")}
            </span>
          )}
        </Notice>
      ) : dataset !== undefined ? (
        <Notice kind="good">
          <strong>
            {t(
              "チェーンの記録と監査の公開データセットから別々に計算し、すべての数字が一致しました。",
              "Computed twice, from the chain and from the auditor's dataset: every figure agrees.",
            )}
          </strong>
          <span>
            {t(
              `住民の残高とお店の未精算分の合計は、契約自身の答え(${pointsText(computed.supply)})とも一致しています。`,
              `What residents hold and shops have not been paid for is what the contract itself answers, too (${pointsText(computed.supply)}).`,
            )}
          </span>
        </Notice>
      ) : (
        <Notice kind={computed.refused === undefined ? "info" : "bad"}>
          {computed.refused === undefined
            ? t(
                "監査の公開データセットが置かれていないため、チェーンの記録だけから計算しました。",
                "No auditor's dataset is published here: computed from the chain alone.",
              )
            : reasonOf(computed.refused)}
        </Notice>
      )}
      <dl class="facts">
        <dt>{t("どこまで", "Up to")}</dt>
        <dd>
          {t(
            `ブロック${digits(block)}(${momentLabel(at).ja})`,
            `block ${digits(block)} (${momentLabel(at).en})`,
          )}
        </dd>
        <dt>{t("チェーン", "Chain")}</dt>
        <dd>
          {t(
            `ブロック${digits(computed.series.block)}から、記録${digits(chain.events)}件`,
            `${digits(chain.events)} events from block ${digits(computed.series.block)} on`,
          )}
        </dd>
        {dataset !== undefined && (
          <>
            <dt>{t("データセット", "Dataset")}</dt>
            <dd>
              {t(
                `記録${digits(dataset.events)}件、ダイジェスト`,
                `${digits(dataset.events)} events, digest `,
              )}
              <span class="code digest">{dataset.digest}</span>
            </dd>
            <dt>{t("最後のブロックのハッシュ", "Hash of the last block")}</dt>
            <dd class="code">{dataset.hash}</dd>
          </>
        )}
      </dl>
    </section>
  );
}

function Figures({
  computed,
  chosen,
  onChoose,
}: {
  computed: Computed;
  chosen: { period: Period; flow: Flow } | undefined;
  onChoose: (period: Period, flow: Flow) => void;
}) {
  const { periods, waitsFrom } = computed.published;
  const flows = shownFlows(periods);
  const titles = [
    t("期間", "Period"),
    ...flows.map((flow) => said(FLOW_NAMES[flow])),
    t("残高(期間の終わり)", "Outstanding at the end"),
  ];
  const save = () =>
    download(
      `ledger-${computed.series.symbol}.csv`,
      asCsv([
        titles,
        ...periods.map((period) => [
          periodName(period),
          ...flows.map((flow) => period.cells[flow].points),
          period.outstanding,
        ]),
      ]),
    );
  return (
    <>
      <p class="fine">
        {t(
          "単位はポイント(1ポイント=1円)。数字を押すと、その元になった取引が出ます。",
          "In points (1 point = 1 yen). Press a figure for the transactions behind it.",
        )}
      </p>
      <Scrolled label={`${computed.title} ${t("月ごとの表", "Table by month")}`}>
        <table>
          <thead>
            <tr>
              {titles.map((title, place) => (
                <th key={title} scope="col" class={place > 0 ? "number" : ""}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {periods.map((period) => (
              <tr key={period.first}>
                <th scope="row">{periodName(period)}</th>
                {flows.map((flow) => {
                  const cell = period.cells[flow];
                  const isChosen = chosen?.period.first === period.first && chosen.flow === flow;
                  return (
                    <td key={flow} class="number">
                      {cell.people.size === 0 ? (
                        "0"
                      ) : (
                        <button
                          type="button"
                          class="figure"
                          aria-pressed={isChosen}
                          aria-label={`${periodName(period)} ${said(FLOW_NAMES[flow])} ${pointsText(cell.points)}`}
                          onClick={() => onChoose(period, flow)}
                        >
                          {digits(cell.points)}
                        </button>
                      )}
                    </td>
                  );
                })}
                <td class="number">{digits(period.outstanding)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolled>
      {waitsFrom !== undefined && <p class="fine">{waitingText(computed)}</p>}
      <button type="button" onClick={save}>
        {t("表を保存(CSV)", "Save the table (CSV)")}
      </button>
    </>
  );
}

function waitingText({ published: { waitsFrom } }: Computed): string {
  const from = waitsFrom === undefined ? undefined : monthLabel(waitsFrom);
  if (from === undefined) return t("まだポイントの動きがありません。", "No points have moved yet.");
  return t(
    `${from.ja}以降は、月が終わり、どの数字も${FEWEST_PEOPLE}人以上のものになってから公表します。人数が足りない月は、次の月とまとめます。`,
    `From ${from.en} on figures wait until the month is over and each is of ${FEWEST_PEOPLE} people at least; months of fewer are put together with the next.`,
  );
}

/** The transactions behind a figure. */
function Behind({
  ledger,
  period,
  flow,
  onClose,
}: {
  ledger: Ledger;
  period: Period;
  flow: Flow;
  onClose: () => void;
}) {
  const cell = period.cells[flow];
  const all = [...cell.transactions].sort(([, a], [, b]) => a.block - b.block);
  const recorded = all.reduce((sum, [, part]) => sum + part.points, 0);
  const shown = all.slice(0, SHOWN_TRANSACTIONS);
  const [times, setTimes] = useState<ReadonlyMap<number, number>>(new Map());
  useEffect(() => {
    const blocks = [...new Set(shown.map(([, part]) => part.block))];
    void Promise.all(blocks.map(async (block) => [block, await ledger.chain.timeOf(block)] as const)).then(
      (found) => setTimes(new Map(found)),
      () => undefined,
    );
    document.getElementById("behind")?.scrollIntoView({ block: "nearest" });
  }, []);
  const day = (block: number) => {
    const time = times.get(block);
    return time === undefined ? "…" : said(dateLabel(time));
  };
  const titles = [
    t("日付", "Date"),
    t("ブロック", "Block"),
    t("取引", "Transaction"),
    t("件数", "Events"),
    t("ポイント", "Points"),
  ];
  const save = () =>
    download(
      `events-${flow}-${period.first}.csv`,
      asCsv([titles.slice(1), ...all.map(([hash, part]) => [part.block, hash, part.events, part.points])]),
    );
  return (
    <section class="card" id="behind">
      <h2>
        {periodName(period)} {said(FLOW_NAMES[flow])} {pointsText(cell.points)}
      </h2>
      <p>
        {t(`${digits(cell.people.size)}人分。`, `Of ${digits(cell.people.size)} people. `)}
        {said(FLOW_MEANINGS[flow])}
      </p>
      {flow === "lapsed" && cell.points !== recorded && (
        <p>
          {t(
            `うち${pointsText(cell.points - recorded)}は、期限の月の終わりに暦で失効したものです。`,
            `${pointsText(cell.points - recorded)} of it ended by the calendar with their month.`,
          )}
        </p>
      )}
      {all.length > 0 && (
        <>
          <Scrolled label={t("元になった取引", "Transactions behind it")}>
            <table>
              <thead>
                <tr>
                  {titles.map((title, place) => (
                    <th key={title} scope="col" class={place > 2 ? "number" : ""}>
                      {title}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {shown.map(([hash, part]) => (
                  <tr key={hash}>
                    <td class="day">{day(part.block)}</td>
                    <td class="number">{part.block}</td>
                    <td class="code hash-cell">{hash}</td>
                    <td class="number">{digits(part.events)}</td>
                    <td class="number">{digits(part.points)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scrolled>
          {all.length > shown.length && (
            <p class="fine">
              {t(`ほか${digits(all.length - shown.length)}件`, `${digits(all.length - shown.length)} more`)}
            </p>
          )}
        </>
      )}
      <div class="choices">
        {all.length > 0 && (
          <button type="button" onClick={save}>
            {t("すべての取引を保存(CSV)", "Save all transactions (CSV)")}
          </button>
        )}
        <button type="button" class="quiet" onClick={onClose}>
          {t("閉じる", "Close")}
        </button>
      </div>
    </section>
  );
}

/** A table that is wider than a phone. */
function Scrolled({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it with the keys
    <section class="scrolled" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}

function Meanings({ flows }: { flows: readonly Flow[] }) {
  const isCarried = flows.includes("carriedIn") || flows.includes("carriedOut");
  return (
    <section class="card">
      <h2>{t("数字の意味", "What the figures mean")}</h2>
      <dl class="meanings">
        {flows.map((flow) => (
          <div key={flow}>
            <dt>{said(FLOW_NAMES[flow])}</dt>
            <dd>{said(FLOW_MEANINGS[flow])}</dd>
          </div>
        ))}
        <div>
          <dt>{t("残高", "Outstanding")}</dt>
          <dd>
            {isCarried
              ? t(
                  "期間の終わりに住民が持つポイント。前の残高+付与+交換+引継受入−利用−失効−引継払出と、いつも等しくなります。",
                  "What residents hold at the end: always the balance before + granted + exchanged + come over − used − lapsed − gone over.",
                )
              : t(
                  "期間の終わりに住民が持つポイント。前の残高+付与+交換−利用−失効と、いつも等しくなります。",
                  "What residents hold at the end: always the balance before + granted + exchanged − used − lapsed.",
                )}
          </dd>
        </div>
      </dl>
    </section>
  );
}
