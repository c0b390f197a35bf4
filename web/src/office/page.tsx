import { useEffect, useRef, useState } from "preact/hooks";
import { language, said, t } from "@/lib/bilingual";
import { codeText } from "@/lib/book";
import { download } from "@/lib/csv";
import { readKeystore } from "@/lib/keystore";
import { digits } from "@/lib/money";
import { useObserved } from "@/ui/observe";
import { PassphraseForm } from "@/ui/passphrase";
import { Notice, reasonOf, Shell } from "@/ui/shell";
import type { Office } from "./office";
import { planIn } from "./plan";
import { DecisionCard, FaultTable, PlanCard } from "./plan-parts";
import { type Proposal, roleLabel, type Step } from "./survey";

/** How often the page asks whether another officer has decided something. */
const NOTICE_MILLISECONDS = 15_000;

export function OfficePage({ office }: { office: Office }) {
  useObserved(office, language);
  const { seat } = office;
  useEffect(() => {
    const notice = () => {
      if (document.visibilityState === "visible") void office.notice();
    };
    const events = ["focus", "visibilitychange"] as const;
    for (const event of events) window.addEventListener(event, notice);
    const timer = setInterval(notice, NOTICE_MILLISECONDS);
    return () => {
      for (const event of events) window.removeEventListener(event, notice);
      clearInterval(timer);
    };
  }, [office]);
  return (
    <Shell title={t("窓口", "Office")}>
      {seat === undefined ? (
        <div class="narrow stack">
          <SitDown office={office} />
        </div>
      ) : (
        <>
          <SeatState office={office} />
          <ChooseFile office={office} />
          {office.progress !== undefined && <ProgressCard office={office} />}
          {office.busy !== undefined && office.progress === undefined && (
            <Notice kind="info">{said(office.busy)}…</Notice>
          )}
          {office.problem !== undefined && <Notice kind="bad">{reasonOf(office.problem)}</Notice>}
          {office.faults.length > 0 && <Faults office={office} />}
          {office.survey !== undefined && <SurveyPart office={office} />}
          {isUnasked(office) && (
            <button type="button" onClick={() => office.again()}>
              {t("チェーンに確かめ直す", "Ask the chain again")}
            </button>
          )}
          {office.opened !== undefined && <OpenedPlan office={office} />}
        </>
      )}
    </Shell>
  );
}

/** There is a file and no answer about it: the line was lost. */
function isUnasked({ file, survey, faults, busy }: Office): boolean {
  return file !== undefined && survey === undefined && faults.length === 0 && busy === undefined;
}

// --------------------------------------------------------------------------------------------- WHO SITS HERE

function SitDown({ office }: { office: Office }) {
  const [refusal, setRefusal] = useState("");
  const take = async (file: File | undefined) => {
    setRefusal("");
    try {
      if (file !== undefined) await office.sit(readKeystore(await file.text()));
    } catch (error) {
      setRefusal(reasonOf(error));
    }
  };
  return (
    <section class="card">
      <h2>{t("ポイントの付与", "Granting points")}</h2>
      <ol class="steps">
        <li>
          {t("名簿(CSV)を開き、計画と誤りを確かめる", "Open a list (CSV), see the plan and what is wrong")}
        </li>
        <li>{t("事業担当が提案する", "A programme officer proposes it")}</li>
        <li>
          {t("事業承認者が同じ名簿を開いて承認する", "A programme approver opens the same list and approves")}
        </li>
        <li>{t("付与を実行する", "The list is run")}</li>
      </ol>
      {office.interrupted !== undefined && (
        <Notice kind="warning">
          {t(
            `途中の名簿があります: ${office.interrupted.name}(${digits(office.interrupted.table.rows.length)}行)。鍵ファイルを選ぶと続きから始めます。`,
            `A list is under way: ${office.interrupted.name} (${digits(office.interrupted.table.rows.length)} rows). Choose your keystore to go on with it.`,
          )}
        </Notice>
      )}
      <FileField
        label={t("あなたの鍵ファイル(JSON)", "Your keystore file (JSON)")}
        hint={t(
          "鍵ファイルはこの端末の中で開くだけで、どこにも送らず、保存もしません。",
          "It is opened in this device, sent nowhere and not kept.",
        )}
        accept=".json,application/json"
        isDisabled={office.busy !== undefined}
        onFile={take}
      />
      {office.busy !== undefined && <Notice kind="info">{said(office.busy)}…</Notice>}
      {(refusal || office.problem) && (
        <Notice kind="bad">{refusal || (office.problem && reasonOf(office.problem))}</Notice>
      )}
    </section>
  );
}

/** The browser's own button for files speaks the browser's language, not the page's. */
function FileField({
  label,
  hint,
  accept,
  isDisabled,
  onFile,
}: {
  label: string;
  hint: string;
  accept: string;
  isDisabled: boolean;
  onFile: (file: File | undefined) => Promise<void>;
}) {
  return (
    <label>
      {label}
      <small>{hint}</small>
      <input
        type="file"
        class="visually-hidden"
        accept={accept}
        disabled={isDisabled}
        onChange={(event) => {
          void onFile(event.currentTarget.files?.[0]);
          event.currentTarget.value = ""; // the same file once more, after it was mended
        }}
      />
      <span class={`button ${isDisabled ? "off" : ""}`} aria-hidden="true">
        {t("ファイルを選ぶ", "Choose a file")}
      </span>
    </label>
  );
}

function SeatState({ office }: { office: Office }) {
  const { seat } = office;
  if (seat === undefined) return null;
  const town = office.chain.book.series.find((series) => series.municipality === seat.desk.code)?.town;
  return (
    <p class="seat">
      {town} {seat.offices.map((role) => said(roleLabel(role))).join("・")}
      <button type="button" class="quiet" onClick={() => office.leave()}>
        {t("終わる", "Leave")}
      </button>
    </p>
  );
}

// -------------------------------------------------------------------------------------------------- THE FILE

function ChooseFile({ office }: { office: Office }) {
  const { file, seat } = office;
  const isBusy = office.busy !== undefined;
  const take = async (chosen: File | undefined) => {
    if (chosen !== undefined) await office.take(chosen.name, new Uint8Array(await chosen.arrayBuffer()));
  };
  return (
    <section class="card">
      <h2>{file === undefined ? t("1. 名簿を開く", "1. Open a list") : t("1. 名簿", "1. List")}</h2>
      <FileField
        label={t("名簿(CSV)または計画ファイル(JSON)", "List (CSV) or plan file (JSON)")}
        hint={t(
          "列: 利用者番号、ポイント、事業、実施回。氏名・個人番号・マイキーIDは入れないでください。",
          "Columns: 利用者番号, ポイント, 事業, 実施回. No names, no 個人番号, no MyKey IDs.",
        )}
        accept=".csv,.txt,.json,text/csv,application/json"
        isDisabled={isBusy}
        onFile={take}
      />
      {file !== undefined && (
        <>
          <dl class="facts">
            <dt>{t("ファイル", "File")}</dt>
            <dd>{file.name}</dd>
            <dt>{t("行数", "Rows")}</dt>
            <dd>{digits(file.table.rows.length)}</dd>
            <dt>{t("ファイルのSHA-256", "SHA-256 of the file")}</dt>
            <dd class="code">{file.hash}</dd>
          </dl>
          {seat !== undefined && needsTarget(office) && <ChooseTarget office={office} />}
          <button type="button" class="quiet" disabled={isBusy} onClick={() => office.forget()}>
            {t("この名簿を閉じる", "Close this list")}
          </button>
        </>
      )}
    </section>
  );
}

function needsTarget({ file, chosen }: Office): boolean {
  if (file === undefined) return false;
  const { titles } = file.table;
  return !titles.has("programme") || !titles.has("occurrence") || chosen.programme !== undefined;
}

function ChooseTarget({ office }: { office: Office }) {
  const { chosen, programmes, seat } = office;
  const [labels, setLabels] = useState<readonly string[]>([]);
  const programme = programmes.find(
    (each) => each.name === chosen.programme && (!chosen.series || each.series === chosen.series),
  );
  useEffect(() => {
    setLabels([]);
    if (programme !== undefined)
      void seat?.desk.occurrencesOf(programme.number).then(setLabels, () => undefined);
  }, [programme?.number]);
  const isBusy = office.busy !== undefined;
  return (
    <div class="two-fields">
      <label>
        {t("事業", "Programme")}
        <select
          name="programme"
          disabled={isBusy}
          value={programme?.number ?? ""}
          onChange={(event) => {
            const found = programmes.find((each) => String(each.number) === event.currentTarget.value);
            void office.choose(found === undefined ? {} : { programme: found.name, series: found.series });
          }}
        >
          <option value="">{t("ファイルの列から", "From the file's column")}</option>
          {programmes.map((each) => (
            <option key={each.number} value={each.number}>
              {each.name}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t("実施回", "Occurrence")}
        <select
          name="occurrence"
          disabled={isBusy || programme === undefined}
          value={chosen.occurrence ?? ""}
          onChange={(event) => {
            const { occurrence: _, ...rest } = chosen;
            const label = event.currentTarget.value;
            void office.choose(label === "" ? rest : { ...rest, occurrence: label });
          }}
        >
          <option value="">{t("ファイルの列から", "From the file's column")}</option>
          {labels.map((label) => (
            <option key={label}>{label}</option>
          ))}
        </select>
      </label>
    </div>
  );
}

function Faults({ office }: { office: Office }) {
  const { faults, advice, file, chosen } = office;
  const onlyTarget =
    chosen.programme === undefined &&
    faults.every((fault) => fault.column === "programme" || fault.column === "occurrence");
  if (onlyTarget)
    return (
      <Notice kind="info">
        {t(
          "何の付与か、事業と実施回を選んでください。",
          "Choose what the list is for: programme and occurrence.",
        )}
      </Notice>
    );
  return (
    <section class="card">
      <Notice kind="bad">
        {advice.length > 0
          ? t(
              `チェーンで付与済みの内容との違いが${digits(faults.length)}件あります。何も送信していません。`,
              `${digits(faults.length)} ${faults.length === 1 ? "difference" : "differences"} from what the chain has granted. Nothing was sent.`,
            )
          : t(
              `${digits(faults.length)}件の誤りがあります。ファイルを直して、もう一度開いてください。何も送信していません。`,
              `${digits(faults.length)} ${faults.length === 1 ? "fault" : "faults"}. Mend the file and open it again. Nothing was sent.`,
            )}
      </Notice>
      <FaultTable faults={faults} file={file?.name ?? ""} />
      {advice.length > 0 && (
        <ul class="notes">
          {advice.map((each) => (
            <li key={each.en}>{said(each)}</li>
          ))}
        </ul>
      )}
    </section>
  );
}

// -------------------------------------------------------------------------------------------------- THE PLAN

const ACTIONS: Readonly<Record<Step, { ja: string; en: string }>> = {
  propose: { ja: "この名簿を提案する", en: "Propose this list" },
  approve: { ja: "この名簿を承認する", en: "Approve this list" },
  execute: { ja: "承認済みの提案を実行する", en: "Execute the approved proposal" },
  run: { ja: "付与を実行する", en: "Run the list" },
  wait: { ja: "", en: "" },
  beside: { ja: "", en: "" },
  done: { ja: "", en: "" },
};

function SurveyPart({ office }: { office: Office }) {
  const { survey } = office;
  if (survey === undefined) return null;
  const save = async () => {
    const text = await office.savedPlan();
    download("plan.json", text, "application/json");
  };
  const isBusy = office.busy !== undefined;
  return (
    <div class="plan-grid">
      <PlanCard plan={survey.plan} book={office.chain.book} heading={t("2. 計画", "2. Plan")} />
      <div class="stack">
        {survey.decisions.map((decision) => (
          <DecisionCard key={decision.hash} decision={decision} />
        ))}
        <Stage office={office} />
        {survey.plan.calls.length > 0 && (
          <button type="button" disabled={isBusy} onClick={save}>
            {t("計画ファイルを保存", "Save the plan file")}
          </button>
        )}
        {survey.step !== "done" && (
          <button type="button" class="quiet" disabled={isBusy} onClick={() => office.again()}>
            {t("チェーンに確かめ直す", "Ask the chain again")}
          </button>
        )}
      </div>
    </div>
  );
}

/** Where the list stands, and the one thing to do next. */
function Stage({ office }: { office: Office }) {
  const { survey } = office;
  if (survey === undefined || office.progress !== undefined) return null;
  const counted = t(
    `${digits(survey.granted)}行 / ${digits(survey.rows)}行、${digits(survey.grantedPoints)}ポイント`,
    `${digits(survey.granted)} of ${digits(survey.rows)} rows, ${digits(survey.grantedPoints)} points`,
  );
  if (survey.step === "beside") return <BesideOthers office={office} />;
  if (survey.step === "done" && survey.missing.length > 0)
    return (
      <Notice kind="warning">
        {t(`これを始めるのは${survey.missing[0]?.ja}です。`, `${survey.missing[0]?.en} has to begin this.`)}
      </Notice>
    );
  if (survey.step === "done")
    return (
      <Notice kind={survey.left.length > 0 ? "warning" : "good"}>
        <strong>
          {survey.left.length > 0
            ? t("いま付与できる行はすべて済みました", "All that can be granted now is granted")
            : t("付与が済みました", "All is granted")}
        </strong>
        <span>{counted}</span>
        {survey.left.map((note) => (
          <span key={note.en}>{said(note)}</span>
        ))}
      </Notice>
    );
  if (survey.step === "wait")
    return (
      <>
        <Notice kind="info">
          <strong>{t("もう1人の職員の承認を待っています", "A second officer has to approve")}</strong>
          <span>
            {t(
              "事業承認者が自分の端末で同じ名簿(または計画ファイル)を開き、同じ承認ハッシュを確かめて承認します。承認されると、この画面は15秒ほどで進みます。",
              "A programme approver opens the same list (or the plan file), sees the same hash and approves. This page notices within some 15 seconds.",
            )}
          </span>
        </Notice>
        <details>
          <summary>{t("提案を取り下げる", "Withdraw the proposal")}</summary>
          <Withdrawals
            office={office}
            proposals={survey.decisions.flatMap(({ proposal }) => proposal ?? [])}
          />
        </details>
      </>
    );
  const { ja, en } = ACTIONS[survey.step];
  return (
    <section class="card">
      <h2>{t("3. 確認して送信", "3. Confirm and send")}</h2>
      {survey.step === "run" && <p>{t(`付与済み: ${counted}`, `Granted: ${counted}`)}</p>}
      <p>
        <strong>
          {t(
            `付与されるのは${digits(survey.open.rows)}行、${digits(survey.open.points)}ポイントです。`,
            `${digits(survey.open.rows)} rows and ${digits(survey.open.points)} points are to be granted.`,
          )}
        </strong>
      </p>
      {survey.left.length > 0 && (
        <Notice kind="warning">
          {survey.left.map((note) => (
            <span key={note.en}>{said(note)}</span>
          ))}
        </Notice>
      )}
      <WithKey office={office} action={t(ja, en)} onGo={() => office.goOn()} />
    </section>
  );
}

/** Another list stands in the way of proposing this one. */
function BesideOthers({ office }: { office: Office }) {
  const { survey, chosen } = office;
  if (survey === undefined) return null;
  const waiting = survey.beside.flatMap((each) => each.waiting);
  return (
    <>
      <Notice kind="warning">
        <strong>
          {t("この実施回には、ほかの名簿があります", "There is another list for this occurrence")}
        </strong>
        {survey.beside.flatMap((each) =>
          each.reasons.map((reason) => <span key={reason.en}>{said(reason)}</span>),
        )}
        <span>{t("何も送信していません。", "Nothing was sent.")}</span>
      </Notice>
      {waiting.length > 0 && <Withdrawals office={office} proposals={waiting.map((each) => each.proposal)} />}
      {survey.mayPropose && (
        <button
          type="button"
          class="quiet"
          disabled={office.busy !== undefined}
          onClick={() => office.choose({ ...chosen, isAnother: true })}
        >
          {t("この名簿も、別の名簿として追加で提案する", "Propose this list besides, as another one")}
        </button>
      )}
    </>
  );
}

/** A button for each proposal that this officer can withdraw, and who can for the others. */
function Withdrawals({ office, proposals }: { office: Office; proposals: readonly Proposal[] }) {
  const { seat } = office;
  if (seat === undefined) return null;
  return (
    <>
      {proposals.map((proposal) =>
        seat.isAdmin || proposal.proposer === seat.desk.officer ? (
          <WithKey
            key={proposal.number}
            office={office}
            action={t(`提案${proposal.number}を取り下げる`, `Withdraw proposal ${proposal.number}`)}
            onGo={() => office.withdraw(proposal)}
          />
        ) : (
          <p key={proposal.number} class="fine">
            {t(
              `提案${proposal.number}を取り下げられるのは、提案した職員(口座 ${proposal.proposer})か管理者です。`,
              `Proposal ${proposal.number} is withdrawn by whoever proposed it (account ${proposal.proposer}), or an Admin.`,
            )}
          </p>
        ),
      )}
    </>
  );
}

/** A button that needs the key: it asks for the passphrase unless the key is open. */
function WithKey({ office, action, onGo }: { office: Office; action: string; onGo: () => Promise<unknown> }) {
  if (office.busy !== undefined && office.key !== undefined) return <p>{said(office.busy)}…</p>;
  if (office.key === undefined)
    return (
      <PassphraseForm
        action={action}
        label={t("鍵ファイルのパスフレーズ", "Passphrase of your keystore")}
        onPassphrase={async (passphrase, progress) => {
          await office.unlock(passphrase, progress);
          void onGo();
        }}
      />
    );
  return (
    <>
      <button type="button" class="main" onClick={() => onGo()}>
        {action}
      </button>
      <button type="button" class="quiet" onClick={() => office.lock()}>
        {t("鍵をしまう", "Lock the key")}
      </button>
    </>
  );
}

function ProgressCard({ office }: { office: Office }) {
  const { progress } = office;
  const card = useRef<HTMLElement>(null);
  useEffect(() => card.current?.scrollIntoView({ block: "center" }), []);
  if (progress === undefined) return null;
  const seconds = (Date.now() - progress.beganAt) / 1000;
  const done = progress.rows - progress.before;
  const rate = done > 0 && seconds > 0 ? done / seconds : 0;
  const left = rate > 0 ? Math.ceil((progress.of - progress.rows) / rate) : undefined;
  return (
    <section ref={card} class="card" aria-live="polite">
      <h2>{office.busy && said(office.busy)}</h2>
      <progress max={progress.of} value={progress.rows} aria-label={t("付与の進み具合", "Rows granted")} />
      <p class="amount">
        {t(
          `${digits(progress.rows)} / ${digits(progress.of)}行`,
          `${digits(progress.rows)} / ${digits(progress.of)} rows`,
        )}
        {rate > 0 && t(`　毎秒${digits(Math.round(rate))}行`, `, ${digits(Math.round(rate))} rows a second`)}
        {left !== undefined && t(`　残り約${digits(left)}秒`, `, some ${digits(left)} s left`)}
      </p>
      <p class="fine">
        {t(
          "画面を閉じても大丈夫です。開き直すと、残りの行だけを続けます。二重には付与されません。",
          "You may close the page: opened again, it goes on with the rows that are left. Nothing is granted twice.",
        )}
      </p>
    </section>
  );
}

// -------------------------------------------------------------------------------------------- A PLAN'S FILE

function OpenedPlan({ office }: { office: Office }) {
  const { opened, seat } = office;
  if (opened === undefined || seat === undefined) return null;
  const plan = planIn(opened.plan);
  const isMine = plan.calls.every((call) => call.sender === seat.desk.officer && call.nonce >= 0);
  const sign = async () => {
    const text = await office.signedOpened();
    if (text !== undefined) download("signed.json", text, "application/json");
  };
  return (
    <div class="plan-grid">
      <PlanCard plan={plan} book={office.chain.book} heading={t("計画ファイル", "Plan file")} />
      <div class="stack">
        {"transactions" in opened.plan && (
          <Notice kind="good">{t("署名済みの計画です。", "The plan is signed.")}</Notice>
        )}
        {opened.isApproved && (
          <Notice kind="good">
            <strong>{t("承認しました", "Approved")}</strong>
            <span>
              {t(
                "付与の実行には名簿(CSV)が必要です。名簿を開いて続けます。",
                "To run the list its file (CSV) is needed: open it to go on.",
              )}
            </span>
          </Notice>
        )}
        {opened.proposal !== undefined && (
          <section class="card">
            <h2>{t(`提案${opened.proposal}の承認`, `Approve proposal ${opened.proposal}`)}</h2>
            <p>
              {t(
                "チェーンにある提案のハッシュは、この計画のハッシュと同じです。行ごとの内容は名簿(CSV)を開くと確かめられます。",
                "The proposal on the chain has the hash of this plan. Open the list (CSV) to see its rows.",
              )}
            </p>
            <WithKey
              office={office}
              action={t("この提案を承認する", "Approve this proposal")}
              onGo={() => office.approveOpened()}
            />
          </section>
        )}
        {isMine && !("transactions" in opened.plan) && (
          <section class="card">
            <h2>{t("署名ファイルを作る", "Sign for another machine")}</h2>
            <p>
              {t(
                "ここでは送信せず、署名だけをファイルにします。チェーンにつながる端末で送信します。",
                "Nothing is sent: the signatures go into a file, for a machine that sees the chain.",
              )}
            </p>
            <WithKey office={office} action={t("署名して保存", "Sign and save")} onGo={sign} />
          </section>
        )}
        <p class="fine">
          {t(`団体コード ${codeText(plan.municipality)}`, `Municipality ${codeText(plan.municipality)}`)}
        </p>
      </div>
    </div>
  );
}
