// Keystore files (Web3 Secret Storage, version 3), as scripts/lib/keys/keystore.py, eth-account, geth and Clef read and
// write them: scrypt or PBKDF2, AES-128-CTR.
import { pbkdf2Async } from "@noble/hashes/pbkdf2";
import { scryptAsync } from "@noble/hashes/scrypt";
import { sha256 } from "@noble/hashes/sha2";
import { keccak_256 } from "@noble/hashes/sha3";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils";
import { Refusal } from "./refusal";

export interface Keystore {
  address?: string;
  id?: string;
  version: number;
  crypto: {
    cipher: string;
    cipherparams: { iv: string };
    ciphertext: string;
    kdf: string;
    kdfparams: { salt: string; dklen: number; n?: number; r?: number; p?: number; c?: number; prf?: string };
    mac: string;
  };
}

export type Progress = (done: number) => void;

/** Of scrypt, with r = 8 and p = 1: 128 MiB, which a phone of today has and somebody who guesses must spend too. */
export const WORK_FACTOR = 2 ** 17;
const MOST_MEMORY_BYTES = 2 ** 30;

export const SHORTEST_PASSPHRASE = 8;

export function requirePassphrase(passphrase: string): void {
  if ([...passphrase].length < SHORTEST_PASSPHRASE)
    throw new Refusal(
      `パスフレーズは${SHORTEST_PASSPHRASE}文字以上にしてください`,
      `a passphrase has ${SHORTEST_PASSPHRASE} characters at least`,
    );
}

/** Encrypt 32 bytes. `address` names the account of a key; leave it out for a secret that is none. */
export async function encrypt(
  secret: Uint8Array,
  passphrase: string,
  address?: string,
  progress?: Progress,
  workFactor = WORK_FACTOR,
): Promise<Keystore> {
  requirePassphrase(passphrase);
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const iv = crypto.getRandomValues(new Uint8Array(16));
  const kdfparams = { salt: bytesToHex(salt), dklen: 32, n: workFactor, r: 8, p: 1 };
  const derived = await derive("scrypt", kdfparams, passphrase, progress);
  const ciphertext = await aes(derived, iv, secret);
  return {
    ...(address === undefined ? {} : { address: address.toLowerCase().replace("0x", "") }),
    id: crypto.randomUUID(),
    version: 3,
    crypto: {
      cipher: "aes-128-ctr",
      cipherparams: { iv: bytesToHex(iv) },
      ciphertext: bytesToHex(ciphertext),
      kdf: "scrypt",
      kdfparams,
      mac: macOf(derived, ciphertext),
    },
  };
}

/** The 32 bytes in a keystore. */
export async function decrypt(
  keystore: Keystore,
  passphrase: string,
  progress?: Progress,
): Promise<Uint8Array> {
  const { cipher, cipherparams, ciphertext, kdf, kdfparams, mac } = keystore.crypto;
  if (cipher !== "aes-128-ctr") throw notAKeystore();
  const derived = await derive(kdf, kdfparams, passphrase, progress);
  const content = hexToBytes(ciphertext);
  if (macOf(derived, content) !== mac.toLowerCase())
    throw new Refusal("パスフレーズが違います", "the passphrase is wrong");
  // A number to some writers (eth-account), who leave its leading zeros away.
  return aes(derived, hexToBytes(cipherparams.iv.padStart(32, "0")), content);
}

/** Read the text of a keystore file. */
export function readKeystore(text: string): Keystore {
  try {
    const content = JSON.parse(text) as Record<string, unknown>;
    // Old files write "Crypto".
    const keystore = { ...content, crypto: content.crypto ?? content.Crypto } as Keystore;
    if (keystore.version !== 3 || !keystore.crypto.kdfparams.salt || !keystore.crypto.mac)
      throw notAKeystore();
    return keystore;
  } catch {
    throw notAKeystore();
  }
}

async function derive(
  kdf: string,
  params: Keystore["crypto"]["kdfparams"],
  passphrase: string,
  progress?: Progress,
): Promise<Uint8Array> {
  const [password, salt, dkLen] = [
    new TextEncoder().encode(passphrase),
    hexToBytes(params.salt),
    params.dklen,
  ];
  const { n, r, p, c } = params;
  if (kdf === "scrypt" && n && r && p && 128 * n * r <= MOST_MEMORY_BYTES)
    return scryptAsync(password, salt, {
      N: n,
      r,
      p,
      dkLen,
      maxmem: MOST_MEMORY_BYTES + 2 ** 21,
      ...(progress ? { onProgress: progress } : {}),
    });
  if (kdf === "pbkdf2" && params.prf === "hmac-sha256" && c)
    return pbkdf2Async(sha256, password, salt, { c, dkLen });
  throw notAKeystore();
}

async function aes(derived: Uint8Array, iv: Uint8Array, content: Uint8Array): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("raw", copied(derived.subarray(0, 16)), "AES-CTR", false, [
    "encrypt",
  ]);
  // Counter mode: encrypting and decrypting are the same.
  const cipher = { name: "AES-CTR", counter: copied(iv), length: 128 };
  return new Uint8Array(await crypto.subtle.encrypt(cipher, key, copied(content)));
}

function copied(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

function macOf(derived: Uint8Array, ciphertext: Uint8Array): string {
  return bytesToHex(keccak_256(new Uint8Array([...derived.subarray(16, 32), ...ciphertext])));
}

function notAKeystore(): Refusal {
  return new Refusal("鍵ファイルではありません", "this is no keystore");
}
