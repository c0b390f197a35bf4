// What every page does first: load what the site was published with, and keep the site for when there is no line.
import { language } from "./bilingual";
import { loadSite, type Site } from "./site";

export async function startPage(): Promise<Site> {
  document.documentElement.lang = language.now;
  if ("serviceWorker" in navigator) void navigator.serviceWorker.register("./sw.js").catch(() => undefined);
  return loadSite();
}
