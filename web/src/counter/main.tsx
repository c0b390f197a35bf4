import { render } from "preact";
import { t } from "@/lib/bilingual";
import { startPage } from "@/lib/startup";
import { Notice, reasonOf, Shell } from "@/ui/shell";
import { CounterPage } from "./page";
import { Till } from "./till";
import "@/ui/styles.css";
import "./counter.css";

const place = document.getElementById("page");

async function start(): Promise<void> {
  if (!place) return;
  try {
    const till = await Till.open(await startPage());
    render(<CounterPage till={till} />, place);
    till.watch();
  } catch (error) {
    render(
      <Shell title={t("レジ", "Counter")}>
        <Notice kind="bad">{reasonOf(error)}</Notice>
      </Shell>,
      place,
    );
  }
}

void start();
