import { useEffect, useState } from "preact/hooks";
import { said, t } from "@/lib/bilingual";
import { dateLabel } from "@/lib/calendar";
import { pointsText } from "@/lib/money";
import { PassphraseForm } from "@/ui/passphrase";
import { Notice, reasonOf } from "@/ui/shell";
import { readCode } from "./coupons";
import type { HeldPoints } from "./exchange";
import type { Knowledge } from "./knowledge";
import type { Purse } from "./purse";

/** Points from partners: those that wait, and coupons. */
export function ReceiveTab({ purse }: { purse: Purse }) {
  const towns = [
    ...new Map(
      purse.ours.filter((known) => known.number > 0).map((each) => [each.municipality, each]),
    ).values(),
  ];
  if (!purse.chain.service("PartnerExchange"))
    return <p>{t("この協議会はポイント交換を行っていません。", "This council offers no exchange.")}</p>;
  if (towns.length === 0)
    return (
      <Notice kind="info">
        {t("自治体の窓口で登録すると使えます。", "It can be used once a town hall has registered you.")}
      </Notice>
    );
  return (
    <>
      <Held purse={purse} towns={towns} />
      <Coupon purse={purse} towns={towns} />
    </>
  );
}

function Held({ purse, towns }: { purse: Purse; towns: Knowledge[] }) {
  const [held, setHeld] = useState<HeldPoints[] | Error>();
  const look = () => purse.held().then(setHeld, setHeld);
  useEffect(() => void look(), []);
  return (
    <section class="card">
      <h2>{t("留保ポイント", "Held points")}</h2>
      <p class="fine">
        {t(
          "協力企業から交換したポイントです。14日の間に送り先を選べます。選ばないと基本自治体に入ります。",
          "Exchanged from partners. You may choose a municipality within 14 days; otherwise they go home.",
        )}
      </p>
      {held instanceof Error && <Notice kind="warning">{reasonOf(held)}</Notice>}
      {held && !(held instanceof Error) && held.length === 0 && <p>{t("ありません。", "None.")}</p>}
      {held &&
        !(held instanceof Error) &&
        held.map((each) => (
          <HeldCard key={each.holding} purse={purse} held={each} towns={towns} onDone={look} />
        ))}
    </section>
  );
}

function HeldCard({
  purse,
  held,
  towns,
  onDone,
}: {
  purse: Purse;
  held: HeldPoints;
  towns: Knowledge[];
  onDone: () => void;
}) {
  const [target, setTarget] = useState<Knowledge>();
  return (
    <div class="card">
      <p>
        {held.partner} <strong class="amount">{pointsText(held.points)}</strong>
        <br />
        <small>
          {t(
            `${said(dateLabel(held.dueAt))}以降は基本自治体へ`,
            `goes home from ${said(dateLabel(held.dueAt))} on`,
          )}
        </small>
      </p>
      {target ? (
        <PassphraseForm
          action={t(`${target.town}に送る`, `Send to ${target.town}`)}
          onPassphrase={async (passphrase, progress) => {
            await purse.nameHeld(held, target, passphrase, progress);
            onDone();
          }}
          onCancel={() => setTarget(undefined)}
        />
      ) : (
        <div class="choices">
          {towns.map((town) => (
            <button key={town.municipality} type="button" onClick={() => setTarget(town)}>
              {t(`${town.town}に送る`, `Send to ${town.town}`)}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

function Coupon({ purse, towns }: { purse: Purse; towns: Knowledge[] }) {
  const [typed, setTyped] = useState("");
  const [code, setCode] = useState("");
  const [town, setTown] = useState(towns[0]);
  const [refusal, setRefusal] = useState("");
  const [received, setReceived] = useState<number>();
  const check = (event: Event) => {
    event.preventDefault();
    setRefusal("");
    try {
      setCode(readCode(typed));
    } catch (error) {
      setRefusal(reasonOf(error));
    }
  };
  return (
    <section class="card">
      <h2>{t("クーポン", "Coupon")}</h2>
      {received !== undefined && (
        <Notice kind="good">
          {t(`${pointsText(received)}を受け取りました。`, `${pointsText(received)} received.`)}
        </Notice>
      )}
      {code && town ? (
        <>
          <p class="code">{code}</p>
          <p>{t(`${town.town}で受け取ります。`, `They go to ${town.town}.`)}</p>
          <PassphraseForm
            action={t("受け取る", "Redeem")}
            onPassphrase={async (passphrase, progress) => {
              setReceived(await purse.redeem(code, town, passphrase, progress));
              setCode("");
              setTyped("");
            }}
            onCancel={() => setCode("")}
          />
        </>
      ) : (
        <form class="stack" onSubmit={check}>
          <label>
            {t("クーポンのコード(24文字)", "Code of the coupon (24 characters)")}
            <input
              type="text"
              value={typed}
              autocomplete="off"
              autocapitalize="characters"
              spellcheck={false}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          </label>
          {towns.length > 1 && (
            <label>
              {t("受け取る自治体", "Municipality")}
              <select
                value={town?.municipality}
                onChange={(event) =>
                  setTown(towns.find((each) => String(each.municipality) === event.currentTarget.value))
                }
              >
                {towns.map((each) => (
                  <option key={each.municipality} value={each.municipality}>
                    {each.town}
                  </option>
                ))}
              </select>
            </label>
          )}
          {refusal && <Notice kind="bad">{refusal}</Notice>}
          <button type="submit" disabled={typed === ""}>
            {t("コードを確かめる", "Check the code")}
          </button>
        </form>
      )}
    </section>
  );
}
