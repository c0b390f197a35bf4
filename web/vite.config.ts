// Every *.html beside this file is a page of its own; the output is static files with relative addresses.
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = fileURLToPath(new URL(".", import.meta.url));
const pages = readdirSync(here).filter((name) => name.endsWith(".html"));

export default defineConfig({
  root: here,
  base: "./",
  resolve: { alias: { "@": `${here}src` } },
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  define: { __PAGES__: JSON.stringify(pages) },
  build: {
    outDir: "dist",
    target: "es2022",
    // Inlined scripts or pictures would need holes in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: Object.fromEntries(pages.map((name) => [name.replace(".html", ""), `${here}${name}`])),
    },
  },
});
