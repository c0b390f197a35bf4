// Keeps every file of the site, so that the pages open without a line. Publishing fills in FILES and VERSION
// (scripts/lib/web_site.py). Nothing else is kept: the chain is always asked itself.
const VERSION = "__VERSION__";
const FILES = __FILES__;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(VERSION)
      .then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: "reload" })))),
  );
});

self.addEventListener("activate", (event) => {
  const old = async () => {
    for (const name of await caches.keys()) if (name !== VERSION) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(old());
});

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  const answer = async () => {
    const cache = await caches.open(VERSION);
    const wanted = address.pathname.endsWith("/") ? `${address.pathname}index.html` : event.request;
    const kept = await cache.match(wanted, { ignoreSearch: true });
    return kept ?? fetch(event.request);
  };
  event.respondWith(answer());
});
