import type { ComponentChildren } from "preact";
import { type Language, language, t } from "@/lib/bilingual";
import { isLineError } from "@/lib/chain";
import { Refusal } from "@/lib/refusal";
import { useObserved } from "./observe";

/** The frame of a page: its name, the switch of the language, and what the page is about. */
export function Shell({
  title,
  aside,
  children,
}: {
  title: string;
  aside?: ComponentChildren;
  children: ComponentChildren;
}) {
  useObserved(language);
  return (
    <>
      <a class="skip" href="#main">
        {t("本文へ", "To the content")}
      </a>
      <header class="shell-head">
        <h1>{title}</h1>
        {aside}
        <LanguageSwitch />
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

function LanguageSwitch() {
  const other: Language = language.now === "ja" ? "en" : "ja";
  return (
    <button type="button" class="quiet on-dark" lang={other} onClick={() => language.set(other)}>
      {other === "en" ? "English" : "日本語"}
    </button>
  );
}

export type NoticeKind = "good" | "warning" | "bad" | "info";

const SIGNS: Readonly<Record<NoticeKind, string>> = { good: "✓", warning: "!", bad: "×", info: "i" };

/** A message that is also read aloud. Its sign says what kind it is, beside the colour. */
export function Notice({ kind, children }: { kind: NoticeKind; children: ComponentChildren }) {
  return (
    <div class={`notice ${kind}`} role={kind === "bad" ? "alert" : "status"}>
      <span class="sign" aria-hidden="true">
        {SIGNS[kind]}
      </span>
      <div>{children}</div>
    </div>
  );
}

/** What went wrong, in a sentence for whoever stands before the page. */
export function reasonOf(error: unknown): string {
  if (error instanceof Refusal) return t(error.ja, error.en);
  if (isLineError(error)) return t("通信できません。", "There is no line.");
  return t(
    "思わぬ問題が起きました。ページを開き直してください。",
    "Something unexpected happened. Please open the page again.",
  );
}
