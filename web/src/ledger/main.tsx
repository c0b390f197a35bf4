import { render } from "preact";
import { t } from "@/lib/bilingual";
import { startPage } from "@/lib/startup";
import { Notice, reasonOf, Shell } from "@/ui/shell";
import { Ledger } from "./ledger";
import { LedgerPage } from "./page";
import "@/ui/styles.css";
import "./ledger.css";

const place = document.getElementById("page");

async function start(): Promise<void> {
  if (!place) return;
  try {
    const ledger = new Ledger(await startPage());
    render(<LedgerPage ledger={ledger} />, place);
    const [first] = ledger.chain.book.series;
    if (first !== undefined) await ledger.choose(first);
  } catch (error) {
    render(
      <Shell title={t("公開台帳", "Public ledger")}>
        <Notice kind="bad">{reasonOf(error)}</Notice>
      </Shell>,
      place,
    );
  }
}

void start();
