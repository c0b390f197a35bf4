// Every refusal of the contracts as a sentence. The table is written from scripts/lib/error_sentences.py when the
// pages are built (scripts/lib/web_texts.py); nothing of it is copied by hand.
import table from "@/generated/sentences.json";
import { type Bilingual, both } from "./bilingual";
import { dayLabel, momentLabel, monthLabel } from "./calendar";
import { dayOfSale, serialOfSale } from "./sale";

interface Table {
  readonly sentences: Readonly<Record<string, Bilingual>>;
  readonly issues: readonly Bilingual[];
  readonly unknown: Bilingual;
  readonly labels: Readonly<Record<string, string>>;
}

const { sentences, issues, unknown, labels } = table as Table;

export const unknownRefusal: Bilingual = unknown;

export function sentenceOf(name: string, args: Readonly<Record<string, unknown>>): Bilingual {
  const sentence = sentences[name];
  if (!sentence) return unknown;
  const fill = (text: string, language: "ja" | "en") =>
    text.replace(/\{(\w+)\}/g, (_, key: string) => shown(key, args[key])[language]);
  return both(fill(sentence.ja, "ja"), fill(sentence.en, "en"));
}

/** Why a payment was not made (IMunicipalPoint.PaymentIssue). */
export function issueSentence(issue: number): Bilingual {
  return issues[issue] ?? unknown;
}

/** 2026年4月10日17番 */
export function saleLabel(sale: number): Bilingual {
  const day = dayLabel(dayOfSale(sale));
  return both(`${day.ja}${serialOfSale(sale)}番`, `${day.en} No. ${serialOfSale(sale)}`);
}

const asNumber: Readonly<Record<string, (value: number) => Bilingual>> = {
  moment: momentLabel,
  month: monthLabel,
  day: dayLabel,
  bare: (value) => both(String(value), String(value)),
  sale: saleLabel,
  code: (value) => both(String(value).padStart(6, "0"), String(value).padStart(6, "0")),
};

function shown(key: string, value: unknown): Bilingual {
  const label = asNumber[labels[key] ?? ""];
  const isNumber = typeof value === "bigint" || typeof value === "number";
  if (label && isNumber) return label(Number(value));
  const text = isNumber ? value.toLocaleString("en-US") : String(value);
  return both(text, text);
}
