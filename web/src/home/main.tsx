import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { language, t } from "@/lib/bilingual";
import { codeText } from "@/lib/book";
import { momentLabel } from "@/lib/calendar";
import { Chain } from "@/lib/chain";
import { pointsText } from "@/lib/money";
import type { Site } from "@/lib/site";
import { startPage } from "@/lib/startup";
import { useObserved } from "@/ui/observe";
import { Notice, reasonOf, Shell } from "@/ui/shell";
import "@/ui/styles.css";

interface Standing {
  readonly block: number;
  readonly at: number;
  readonly points: readonly number[];
}

/** Who uses which page, of those that the site has. */
const PAGES = [
  { file: "counter.html", ja: "レジ", en: "Counter", forJa: "お店の方", forEn: "For shops" },
  { file: "purse.html", ja: "財布", en: "Purse", forJa: "住民の方", forEn: "For residents" },
  {
    file: "office.html",
    ja: "窓口",
    en: "Office",
    forJa: "自治体の職員の方",
    forEn: "For municipal officers",
  },
  { file: "ledger.html", ja: "公開台帳", en: "Public ledger", forJa: "どなたでも", forEn: "For everybody" },
].filter((page) => __PAGES__.includes(page.file));

function Home({ site }: { site: Site | Error }) {
  useObserved(language);
  const [standing, setStanding] = useState<Standing | Error>();
  useEffect(() => {
    if (!(site instanceof Error)) readStanding(site).then(setStanding, setStanding);
  }, [site]);
  return (
    <Shell title={t("自治体ポイント", "Municipal points")}>
      <nav class="doors" aria-label={t("ページ", "Pages")}>
        {PAGES.map((page) => (
          <a key={page.file} class="door" href={page.file}>
            <strong>{t(page.ja, page.en)}</strong>
            <span>{t(page.forJa, page.forEn)}</span>
          </a>
        ))}
      </nav>
      {site instanceof Error ? (
        <Notice kind="bad">{reasonOf(site)}</Notice>
      ) : (
        <Towns site={site} standing={standing} />
      )}
    </Shell>
  );
}

function Towns({ site, standing }: { site: Site; standing: Standing | Error | undefined }) {
  return (
    <section class="card">
      <h2>{t("この台帳のポイント", "Points of this ledger")}</h2>
      {standing instanceof Error && <Notice kind="warning">{reasonOf(standing)}</Notice>}
      <ul class="rows">
        {site.book.series.map((series, place) => (
          <li key={series.address}>
            <span>
              {series.town} <small>{codeText(series.municipality)}</small>
              <br />
              {series.name}
            </span>
            <strong class="amount">
              {standing && !(standing instanceof Error) ? pointsText(standing.points[place] ?? 0) : "…"}
            </strong>
          </li>
        ))}
      </ul>
      {standing && !(standing instanceof Error) && (
        <p class="fine">
          {t(
            "住民が持つポイントと、お店が受け取り、まだ円で支払われていないポイントの合計(契約の totalSupply)。",
            "What residents hold, and what shops have taken and have not been paid for in yen (totalSupply). ",
          )}
          {t(
            `${momentLabel(standing.at).ja}現在、ブロック${standing.block}。`,
            `As of ${momentLabel(standing.at).en}, block ${standing.block}.`,
          )}
        </p>
      )}
    </section>
  );
}

async function readStanding(site: Site): Promise<Standing> {
  const chain = new Chain(site);
  await chain.require();
  const head = await chain.head();
  const supplies = await Promise.all(
    site.book.series.map((series) =>
      chain.read("MunicipalPoint", series.address, "totalSupply", [], head.number),
    ),
  );
  return { block: head.number, at: head.at, points: supplies.map(Number) };
}

const place = document.getElementById("page");
if (place)
  startPage().then(
    (site) => render(<Home site={site} />, place),
    (error: Error) => render(<Home site={error} />, place),
  );
