// Tells text that may be a 個人番号 or a MyKey ID, as scripts/lib/personal_data.py does: nobody may read it in, keep it,
// send it or repeat it in a message.
import { type Bilingual, both } from "@/lib/bilingual";

/** What people put between groups of digits, after full-width signs have been made ordinary ones. */
const SIGN = "[-‐‑‒–—―−ー.,、，・/_' ]";
const D = "\\p{Nd}";

const TWELVE_DIGITS = new RegExp(
  [
    ...[12, 4, 3, 2, 1].map(
      (size) => `(?<!${D})(?:${D}{${size}}${SIGN}){${12 / size - 1}}${D}{${size}}(?!${D})`,
    ),
    // 1.23456789018E+11: what a spreadsheet makes of it.
    `(?<!${D})${D}\\.${D}{11}E\\+?11(?!${D})`,
  ].join("|"),
  "iu",
);
const EIGHT_SIGNS = /(?<![0-9A-Za-z])(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[0-9A-Za-z]{8}(?![0-9A-Za-z])/;

export const PERSONAL_NUMBER: Bilingual = both(
  "12桁の数字です。個人番号は受け付けません。ファイルから削除してください",
  "a number of twelve digits: a 個人番号 is never accepted, delete it from the file",
);
export const MYKEY_ID: Bilingual = both(
  "英数字8桁の並びはマイキーIDのおそれがあり、ここには書けません。名称であれば空白かハイフンで区切ってください",
  "eight letters and digits in a row may be a MyKey ID, which has no place here; if they are a name, write a space or a hyphen between",
);

/** Text with full-width digits, letters and signs made ordinary ones. */
export function halfWidth(text: string): string {
  return text.normalize("NFKC");
}

export function mayBePersonalNumber(text: string): boolean {
  return TWELVE_DIGITS.test(halfWidth(text));
}

export function mayBeMyKeyId(text: string): boolean {
  return EIGHT_SIGNS.test(halfWidth(text));
}
