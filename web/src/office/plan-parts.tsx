import { useEffect, useState } from "preact/hooks";
import { language, said, t } from "@/lib/bilingual";
import type { ContractBook } from "@/lib/book";
import { asCsv, download } from "@/lib/csv";
import { eraMomentLabel } from "@/lib/era";
import { digits } from "@/lib/money";
import type { Fault } from "./csv-table";
import { decodedCall } from "./decoded";
import { digestOf, type Plan } from "./plan";
import type { Decision } from "./survey";

const SHOWN_FAULTS = 100;
const SHOWN_CALLS = 10;

/** What an officer confirms: figures first, then what each transaction does, decoded from its data. */
export function PlanCard({ plan, book, heading }: { plan: Plan; book: ContractBook; heading: string }) {
  const [digest, setDigest] = useState("");
  useEffect(() => {
    void digestOf(plan).then(setDigest);
  }, [plan]);
  const isJapanese = language.now === "ja";
  return (
    <section class="card">
      <h2>{heading}</h2>
      <p>
        <strong>{isJapanese ? plan.japanese : plan.english}</strong>{" "}
        <span class="fine">
          {t(`${eraMomentLabel(plan.made_at).ja}現在`, `as of ${eraMomentLabel(plan.made_at).en}`)}
        </span>
      </p>
      <dl class="plan-figures">
        {plan.figures.map((figure) => (
          <div key={figure.english}>
            <dt>{isJapanese ? figure.japanese : figure.english}</dt>
            <dd>{figure.value}</dd>
          </div>
        ))}
      </dl>
      {plan.notes.length > 0 && (
        <ul class="notes">
          {plan.notes.map((note) => (
            <li key={note.english}>{isJapanese ? note.japanese : note.english}</li>
          ))}
        </ul>
      )}
      {plan.calls.length > 0 && (
        <details>
          <summary>
            {t(
              `取引 ${digits(plan.calls.length)}件の中身`,
              `What the ${digits(plan.calls.length)} transactions do`,
            )}
          </summary>
          <ul class="calls">
            {plan.calls.slice(0, SHOWN_CALLS).map((call) => {
              const decoded = decodedCall(book, call);
              return (
                <li key={call.data}>
                  <strong>
                    {decoded.step !== undefined && `${decoded.step}: `}
                    {isJapanese ? decoded.name : decoded.functionName}
                  </strong>{" "}
                  {call.subject}
                  <br />
                  <span class="code">
                    {decoded.contract}.{decoded.functionName} → {call.to}
                  </span>
                  {decoded.contents.map((line) => (
                    <span class="code line" key={line}>
                      {line}
                    </span>
                  ))}
                </li>
              );
            })}
            {plan.calls.length > SHOWN_CALLS && (
              <li>
                {t(`ほか${plan.calls.length - SHOWN_CALLS}件`, `${plan.calls.length - SHOWN_CALLS} more`)}
              </li>
            )}
          </ul>
        </details>
      )}
      <p class="fine">
        {t("計画のダイジェスト(SHA-256)", "Digest of the plan (SHA-256)")}
        <br />
        <span class="code digest">{digest}</span>
      </p>
    </section>
  );
}

/** The hash that both officers compare: it stands on the chain with the proposal. */
export function DecisionCard({ decision }: { decision: Decision }) {
  const { list, hash, proposal } = decision;
  return (
    <section class="card decision">
      <h2>{t("承認ハッシュ", "Hash to compare")}</h2>
      <p>
        {list.target.programme.name} {list.target.label}{" "}
        {proposal !== undefined && t(`(提案${proposal.number})`, `(proposal ${proposal.number})`)}
      </p>
      <p class="code hash">{grouped(hash)}</p>
      <p class="fine">
        {proposal === undefined
          ? t(
              "2人の職員の画面に同じ値が出ます。名簿の1行でも違えば別の値になります。",
              "Both officers see the same value; one different row makes another.",
            )
          : t(
              "チェーンにある提案の値と一致しています。提案者の画面の値と見比べてください。",
              "It is the value of the proposal on the chain. Compare it with the proposer's screen.",
            )}
      </p>
    </section>
  );
}

export function FaultTable({ faults, file }: { faults: readonly Fault[]; file: string }) {
  const rows = faults.map((fault) => [fault.line === 0 ? "" : fault.line, fault.column, said(fault.reason)]);
  const titles = [t("行", "Line"), t("列", "Column"), t("理由", "Reason")];
  return (
    <>
      <table class="faults">
        <caption class="visually-hidden">{t(`${file}の誤り`, `What is wrong with ${file}`)}</caption>
        <thead>
          <tr>
            {titles.map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, SHOWN_FAULTS).map(([line, column, reason], place) => (
            <tr key={`${line} ${column} ${place}`}>
              <td class="number">{line}</td>
              <td>{column}</td>
              <td>{reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > SHOWN_FAULTS && (
        <p>
          {t(`ほか${digits(rows.length - SHOWN_FAULTS)}件`, `${digits(rows.length - SHOWN_FAULTS)} more`)}
        </p>
      )}
      <button type="button" onClick={() => download("faults.csv", asCsv([titles, ...rows]))}>
        {t("誤りの一覧を保存(CSV)", "Save the faults (CSV)")}
      </button>
    </>
  );
}

/** 0x1234 5678 …: read aloud and compared in groups. */
function grouped(hash: string): string {
  return hash.slice(2).replace(/(.{4})(?=.)/g, "$1 ");
}
