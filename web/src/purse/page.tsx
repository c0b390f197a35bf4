import { useState } from "preact/hooks";
import { language, t } from "@/lib/bilingual";
import { useObserved } from "@/ui/observe";
import { Shell } from "@/ui/shell";
import { HistoryTab } from "./history-tab";
import { Pay } from "./pay";
import { PointsTab } from "./points-tab";
import type { Purse } from "./purse";
import { ReceiveTab } from "./receive-tab";
import { Register } from "./register";
import { SettingsTab } from "./settings-tab";
import { Welcome } from "./setup";

const TABS = [
  { name: "points", ja: "ポイント", en: "Points" },
  { name: "history", ja: "履歴", en: "History" },
  { name: "receive", ja: "受け取る", en: "Receive" },
  { name: "settings", ja: "設定", en: "Settings" },
] as const;

type TabName = (typeof TABS)[number]["name"];

export function PursePage({ purse }: { purse: Purse }) {
  useObserved(purse, language);
  const [tab, setTab] = useState<TabName>("points");
  const [isPaying, setPaying] = useState(false);
  const [isRegistering, setRegistering] = useState(false);
  const title = t("財布", "Purse");
  if (!purse.keystore)
    return (
      <Shell title={title}>
        <div class="narrow stack">
          <Welcome purse={purse} />
        </div>
      </Shell>
    );
  if (isPaying)
    return (
      <Shell title={t("お支払い", "Payment")}>
        <div class="narrow stack">
          <Pay purse={purse} onDone={() => setPaying(false)} />
        </div>
      </Shell>
    );
  if (isRegistering)
    return (
      <Shell title={t("利用者登録", "Registration")}>
        <div class="narrow stack">
          <Register purse={purse} onDone={() => setRegistering(false)} />
        </div>
      </Shell>
    );
  return (
    <>
      <Shell key={tab} title={title}>
        <div class="narrow stack">
          {tab === "points" && (
            <PointsTab purse={purse} onPay={() => setPaying(true)} onRegister={() => setRegistering(true)} />
          )}
          {tab === "history" && <HistoryTab purse={purse} />}
          {tab === "receive" && <ReceiveTab purse={purse} />}
          {tab === "settings" && <SettingsTab purse={purse} />}
        </div>
      </Shell>
      <nav class="tabs" aria-label={t("画面の切り替え", "Screens")}>
        {TABS.map(({ name, ja, en }) => (
          <button
            key={name}
            type="button"
            aria-current={tab === name ? "page" : undefined}
            onClick={() => setTab(name)}
          >
            {t(ja, en)}
          </button>
        ))}
      </nav>
    </>
  );
}
