/// <reference types="vite/client" />

/** Names of the pages that were built. */
declare const __PAGES__: readonly string[];
