import { render } from "preact";
import { t } from "@/lib/bilingual";
import { startPage } from "@/lib/startup";
import { Notice, reasonOf, Shell } from "@/ui/shell";
import { PursePage } from "./page";
import { Purse } from "./purse";
import "@/ui/styles.css";
import "./purse.css";

const place = document.getElementById("page");

async function start(): Promise<void> {
  if (!place) return;
  try {
    const purse = await Purse.open(await startPage());
    render(<PursePage purse={purse} />, place);
    void purse.learn();
    window.addEventListener("online", () => void purse.learn());
  } catch (error) {
    render(
      <Shell title={t("財布", "Purse")}>
        <Notice kind="bad">{reasonOf(error)}</Notice>
      </Shell>,
      place,
    );
  }
}

void start();
