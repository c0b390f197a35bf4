import { render } from "preact";
import { t } from "@/lib/bilingual";
import { startPage } from "@/lib/startup";
import { Notice, reasonOf, Shell } from "@/ui/shell";
import { Office } from "./office";
import { OfficePage } from "./page";
import "@/ui/styles.css";
import "./office.css";

const place = document.getElementById("page");

async function start(): Promise<void> {
  if (!place) return;
  try {
    render(<OfficePage office={await Office.open(await startPage())} />, place);
  } catch (error) {
    render(
      <Shell title={t("窓口", "Office")}>
        <Notice kind="bad">{reasonOf(error)}</Notice>
      </Shell>,
      place,
    );
  }
}

void start();
