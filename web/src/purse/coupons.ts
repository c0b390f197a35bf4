// Coupon codes, as scripts/lib/exchange/coupons.py reads them: 22 random characters and two check characters of an alphabet
// of 31, and the one-time key that comes out of them.
import { hmac } from "@noble/hashes/hmac";
import { sha512 } from "@noble/hashes/sha2";
import { bytesToBigInt, numberToHex, stringToBytes } from "viem";
import { type LocalAccount, privateKeyToAccount } from "viem/accounts";
import { Refusal } from "@/lib/refusal";

const ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
const CODE_CHARACTERS = 24;
const GENERATOR = 3;
const DERIVATION = "jichitai-points coupon 1";
const GROUP_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** A code as it was printed, from what somebody typed: in small letters, full width, with any gaps. */
export function readCode(text: string): string {
  const typed = text.normalize("NFKC").toUpperCase();
  const characters = [...typed].filter((each) => !/[\s\p{Pd}]/u.test(each));
  const strange = characters.findIndex((each) => !ALPHABET.includes(each));
  if (strange >= 0)
    throw new Refusal(
      `${strange + 1}文字目の「${characters[strange]}」は使われない文字です(0・O・1・I・Lは使いません)`,
      `character ${strange + 1} cannot be ${characters[strange]}: codes have no 0, O, 1, I or L`,
    );
  if (characters.length !== CODE_CHARACTERS)
    throw new Refusal(
      `コードは${CODE_CHARACTERS}文字です(${characters.length}文字が入力されました)`,
      `a code has ${CODE_CHARACTERS} characters, not ${characters.length}`,
    );
  // Sum and weighted sum of all values are multiples of 31, a prime.
  let [total, weighted, weight] = [0, 0, 1];
  for (const character of characters) {
    const value = ALPHABET.indexOf(character);
    total += value;
    weighted += value * weight;
    weight = (weight * GENERATOR) % ALPHABET.length;
  }
  if (total % ALPHABET.length !== 0 || weighted % ALPHABET.length !== 0)
    throw new Refusal(
      "コードに入力の誤りがあります。もう一度お確かめください",
      "the code has a typing error",
    );
  return (characters.join("").match(/.{4}/g) ?? []).join("-");
}

/** The one-time key of a code. */
export function couponKey(code: string): LocalAccount {
  const seed = hmac(sha512, stringToBytes(DERIVATION), stringToBytes(readCode(code)));
  // 512 bits, so that the remainder favours no key.
  return privateKeyToAccount(numberToHex((bytesToBigInt(seed) % (GROUP_ORDER - 1n)) + 1n, { size: 32 }));
}
