import { useState } from "preact/hooks";
import { type Address, isAddress } from "viem";
import { t } from "@/lib/bilingual";
import { download } from "@/lib/csv";
import { Notice, reasonOf } from "@/ui/shell";
import type { TillSettings } from "./settings";
import type { Till } from "./till";

/** Limits, copies of key and records, and further tills. */
export function SettingsTab({ till }: { till: Till }) {
  return (
    <div class="two">
      <Limits till={till} />
      <div class="stack">
        <section class="card">
          <h2>{t("このレジ", "This till")}</h2>
          <p>
            {till.series.town} {till.series.name}
            <br />
            {t(`レジ番号 ${till.settings?.till}`, `Till number ${till.settings?.till}`)}
          </p>
          <p class="fine">{t("このレジの口座番号", "Account of this till")}</p>
          <p class="code">{till.account}</p>
          <button
            type="button"
            onClick={() => download("till-key.json", JSON.stringify(till.keystore), "application/json")}
          >
            {t("鍵ファイルを保存", "Save the keystore file")}
          </button>
          <p class="fine">
            {t(
              "パスフレーズで暗号化されたままのファイルです。レジを替えるときに使います。",
              "It stays encrypted with the passphrase. Use it to move to another device.",
            )}
          </p>
          <button type="button" onClick={() => download("queue.log.jsonl", till.queue.text(), "text/plain")}>
            {t("売上記録の控えを保存", "Save a copy of the sales records")}
          </button>
          <button type="button" onClick={() => till.lock()}>
            {t("レジを閉める", "Lock the till")}
          </button>
        </section>
        {till.isOwner && <FurtherTill till={till} />}
      </div>
    </div>
  );
}

function Limits({ till }: { till: Till }) {
  const [values, setValues] = useState<TillSettings | undefined>(till.settings);
  const [said, setSaid] = useState("");
  if (!values) return null;
  const number = (label: string, hint: string, name: keyof TillSettings, factor = 1) => (
    <label>
      {label}
      <small>{hint}</small>
      <input
        type="number"
        inputMode="numeric"
        min={0}
        value={Number(values[name]) / factor}
        onChange={(event) => setValues({ ...values, [name]: Number(event.currentTarget.value) * factor })}
      />
    </label>
  );
  const save = async (event: Event) => {
    event.preventDefault();
    const { offline_sale_points: sale, offline_day_points: day, connection_seconds: seconds } = values;
    if (!(sale >= 0 && sale <= day && seconds > 0)) {
      setSaid(t("1件の上限は1日の上限までです。", "The limit of a sale is at most that of a day."));
      return;
    }
    await till.changeSettings(values);
    setSaid(t("保存しました。", "Saved."));
  };
  return (
    <form class="card" onSubmit={save}>
      <h2>{t("通信がないときの受付", "While there is no line")}</h2>
      <p>
        {t(
          "通信がない間は残高などを確かめられません。店が負う危険をここで限ります。",
          "Without a line the points cannot be checked. This limits what the shop can lose.",
        )}
      </p>
      {number(
        t("1件の上限(ポイント)", "At most in a sale (points)"),
        t("0にすると、通信がない間は受け付けません。", "0 takes nothing while there is no line."),
        "offline_sale_points",
      )}
      {number(
        t("1日の上限(ポイント)", "At most in a day (points)"),
        t("1件の上限以上にします。", "Not below that of a sale."),
        "offline_day_points",
      )}
      {number(
        t("次の通信まで(時間)", "Until the next connection (hours)"),
        t("この時間のうちに通信できる見込みです。", "Within so many hours there will be a line."),
        "connection_seconds",
        3600,
      )}
      {said && <Notice kind="info">{said}</Notice>}
      <button type="submit">{t("保存する", "Save")}</button>
    </form>
  );
}

function FurtherTill({ till }: { till: Till }) {
  const [account, setAccount] = useState("");
  const [said, setSaid] = useState("");
  const set = async (active: boolean) => {
    setSaid("");
    try {
      await till.setTill(account.trim() as Address, active);
      setSaid(
        active
          ? t("レジを登録しました。", "The till is registered.")
          : t("レジの登録を外しました。", "The till is removed."),
      );
    } catch (error) {
      setSaid(reasonOf(error));
    }
  };
  const isValid = isAddress(account.trim());
  return (
    <section class="card">
      <h2>{t("ほかのレジ", "Other tills")}</h2>
      <label>
        {t("レジの口座番号", "Account of the till")}
        <input
          type="text"
          value={account}
          spellcheck={false}
          autocomplete="off"
          onInput={(event) => setAccount(event.currentTarget.value)}
        />
      </label>
      {said && <Notice kind="info">{said}</Notice>}
      <div class="choices">
        <button type="button" disabled={!isValid} onClick={() => set(true)}>
          {t("登録する", "Register")}
        </button>
        <button type="button" class="danger" disabled={!isValid} onClick={() => set(false)}>
          {t("登録を外す", "Remove")}
        </button>
      </div>
    </section>
  );
}
