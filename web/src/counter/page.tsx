import { useState } from "preact/hooks";
import { language, t } from "@/lib/bilingual";
import { useObserved } from "@/ui/observe";
import { PassphraseForm } from "@/ui/passphrase";
import { Shell } from "@/ui/shell";
import { BooksTab } from "./books-tab";
import type { TillSale } from "./queue";
import { SaleTab } from "./sale-tab";
import { SalesTab } from "./sales-tab";
import { SettingsTab } from "./settings-tab";
import { FindShop, Welcome } from "./setup";
import type { Till } from "./till";

const TABS = [
  { name: "sale", ja: "売上", en: "Sale" },
  { name: "sales", ja: "一覧", en: "List" },
  { name: "books", ja: "帳簿", en: "Books" },
  { name: "settings", ja: "設定", en: "Settings" },
] as const;

type TabName = (typeof TABS)[number]["name"];

export function CounterPage({ till }: { till: Till }) {
  useObserved(till, language);
  const [tab, setTab] = useState<TabName>("sale");
  const [open, setOpen] = useState<TillSale>();
  const show = (name: TabName, sale?: TillSale) => {
    setOpen(sale);
    setTab(name);
  };
  if (!till.keystore) return <Framed body={<Welcome till={till} />} />;
  if (!till.key) return <Framed body={<Unlock till={till} />} title={till.settings?.shop} />;
  if (!till.settings) return <Framed body={<FindShop till={till} />} />;

  const waiting = till.queue.waiting().length + till.queue.sent.length;
  return (
    <>
      <Shell key={tab} title={till.settings.shop} aside={<LineState till={till} />}>
        {tab === "sale" && <SaleTab till={till} open={open} />}
        {tab === "sales" && <SalesTab till={till} onShow={(sale) => show("sale", sale)} />}
        {tab === "books" && <BooksTab till={till} />}
        {tab === "settings" && <SettingsTab till={till} />}
      </Shell>
      <nav class="tabs" aria-label={t("画面の切り替え", "Screens")}>
        {TABS.map(({ name, ja, en }) => (
          <button
            key={name}
            type="button"
            aria-current={tab === name ? "page" : undefined}
            onClick={() => show(name)}
          >
            {t(ja, en)}
            {name === "sales" && waiting > 0 && ` (${waiting})`}
          </button>
        ))}
      </nav>
    </>
  );
}

function Framed({ body, title }: { body: preact.ComponentChild; title?: string | undefined }) {
  return (
    <Shell title={title ?? t("レジ", "Counter")}>
      <div class="narrow stack">{body}</div>
    </Shell>
  );
}

function Unlock({ till }: { till: Till }) {
  return (
    <section class="card">
      <h2>{t("レジを開ける", "Open the till")}</h2>
      <p>{t("このレジの鍵のパスフレーズを入れてください。", "Enter the passphrase of this till's key.")}</p>
      <PassphraseForm
        action={t("開ける", "Open")}
        onPassphrase={(passphrase, progress) => till.unlock(passphrase, progress)}
      />
    </section>
  );
}

/** Whether there is a line, in words and with a sign. */
function LineState({ till }: { till: Till }) {
  const states = {
    up: t("● 通信中", "● Online"),
    down: t("○ 通信なし", "○ Offline"),
    unknown: t("… 確認中", "… Checking"),
  };
  return (
    <span class="line-state" role="status">
      {states[till.line]}
    </span>
  );
}
