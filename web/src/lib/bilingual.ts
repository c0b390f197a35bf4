// A sentence in both languages, and the language that the reader has chosen: Japanese unless they say otherwise.
import { Observed } from "./observed";

export type Language = "ja" | "en";

export interface Bilingual {
  readonly ja: string;
  readonly en: string;
}

const KEPT_AS = "language";

class ChosenLanguage extends Observed {
  private chosen: Language = localStorage.getItem(KEPT_AS) === "en" ? "en" : "ja";

  get now(): Language {
    return this.chosen;
  }

  set(language: Language): void {
    this.chosen = language;
    localStorage.setItem(KEPT_AS, language);
    document.documentElement.lang = language;
    this.changed();
  }
}

export const language = new ChosenLanguage();

export function both(ja: string, en: string): Bilingual {
  return { ja, en };
}

/** The one of two texts that the reader has chosen. */
export function t(ja: string, en: string): string {
  return language.now === "ja" ? ja : en;
}

/** Of a label in both languages, "支払 payment", the half that the reader reads. */
export function half(label: string): string {
  const [ja = label, ...en] = label.split(" ");
  return t(ja, en.join(" "));
}

export function said(sentence: Bilingual): string {
  return sentence[language.now];
}
