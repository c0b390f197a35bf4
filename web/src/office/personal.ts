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

/** Fixed spaces, and signs of full or half width: the only ones that stand for ordinary signs. */
const OF_ANOTHER_WIDTH = /[\u00a0\u0f0c\u2007\u2011\u202f\u3000\uff01-\uffee]/gu;

/** Text with full-width digits, letters and signs made ordinary ones. Nothing else: ① is not 1, and 10² is not 102. */
export function halfWidth(text: string): string {
  return text.replace(OF_ANOTHER_WIDTH, (sign) => sign.normalize("NFKC")).normalize("NFC");
}

/** Text in which digits of any shape are ordinary ones: what looks personal is personal, however it is written. */
function ofAnyShape(text: string): string {
  return text.normalize("NFKC");
}

export function mayBePersonalNumber(text: string): boolean {
  return TWELVE_DIGITS.test(ofAnyShape(text));
}

export function mayBeMyKeyId(text: string): boolean {
  return EIGHT_SIGNS.test(ofAnyShape(text));
}
