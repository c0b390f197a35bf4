import { useState } from "preact/hooks";
import { said, t } from "@/lib/bilingual";
import { recentLabel } from "@/lib/calendar";
import { pointsText } from "@/lib/money";
import { serialOfSale } from "@/lib/sale";
import { issueSentence } from "@/lib/sentences";
import { Issue } from "@/payment/issue";
import { Notice, reasonOf } from "@/ui/shell";
import type { TillSale } from "./queue";
import { StageMark } from "./sale-tab";
import type { Till } from "./till";

const SHOWN = 100;

/** Every sale of this till, what waits, and what can be done about it. */
export function SalesTab({ till, onShow }: { till: Till; onShow: (sale: TillSale) => void }) {
  const [refusal, setRefusal] = useState("");
  const act = async (work: () => Promise<void>) => {
    setRefusal("");
    try {
      await work();
    } catch (error) {
      setRefusal(reasonOf(error));
    }
  };
  const waiting = till.queue.waiting();
  const points = waiting.reduce((sum, sale) => sum + sale.points, 0);
  const sales = [...till.queue.sales.values()].reverse().slice(0, SHOWN);
  return (
    <>
      <section class="card">
        <h2>{t("送信待ち", "Waiting to be sent")}</h2>
        <p class="display small">
          <span class="amount">{pointsText(points)}</span>
          <span class="equal">{t(`${waiting.length}件`, `${waiting.length} sales`)}</span>
        </p>
        {refusal && <Notice kind="bad">{refusal}</Notice>}
        {till.trouble !== undefined && <Notice kind="bad">{reasonOf(till.trouble)}</Notice>}
        {till.line === "down" && (
          <Notice kind="warning">
            {t(
              "通信がありません。戻ると自動で送信します。",
              "There is no line. It is sent by itself when it is back.",
            )}
          </Notice>
        )}
        {waiting.length > 0 && (
          <button
            type="button"
            class="main"
            disabled={till.isSending}
            onClick={() => act(() => till.flush())}
          >
            {till.isSending ? t("送信しています…", "Sending…") : t("いま送信する", "Send now")}
          </button>
        )}
      </section>
      <section class="card">
        <h2>{t("売上の一覧", "Sales")}</h2>
        {sales.length === 0 && <p>{t("まだ売上はありません。", "There are no sales yet.")}</p>}
        <ul class="rows">
          {sales.map((sale) => (
            <li key={sale.number}>
              <Line till={till} sale={sale} act={act} onShow={onShow} />
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

function Line({
  till,
  sale,
  act,
  onShow,
}: {
  till: Till;
  sale: TillSale;
  act: (work: () => Promise<void>) => void;
  onShow: (sale: TillSale) => void;
}) {
  return (
    <div class="sale-line">
      <span>
        {said(recentLabel(sale.openedAt))}{" "}
        <small>{t(`${serialOfSale(sale.number)}番`, `No. ${serialOfSale(sale.number)}`)}</small>
        <br />
        <StageMark sale={sale} />
        {sale.offline && <small> {t("(通信なしで受付)", "(taken offline)")}</small>}
        {sale.issue !== Issue.NONE && sale.stage === "not paid" && (
          <span class="why">{said(issueSentence(sale.issue))}</span>
        )}
      </span>
      <span class="amount">{pointsText(sale.points)}</span>
      {sale.stage === "not paid" && (
        <button type="button" disabled={till.isSending} onClick={() => act(() => till.retry(sale))}>
          {t("もう一度送信", "Send again")}
        </button>
      )}
      {sale.stage === "open" && (
        <>
          <button type="button" onClick={() => onShow(sale)}>
            {t("コードを見せる・読む", "Show or read the code")}
          </button>
          <button type="button" class="quiet" onClick={() => act(() => till.voidSale(sale))}>
            {t("番号を取り消す", "Void the number")}
          </button>
        </>
      )}
    </div>
  );
}
