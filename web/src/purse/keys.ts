// A resident's keys: one secret of 24 words (BIP-39), and from it a different account for each municipality
// (m/44'/60'/141305'/0/0), as scripts/lib/resident/purse_keys.py has it. On disk lies the secret as a keystore.
import { entropyToMnemonic, mnemonicToEntropy, mnemonicToSeedSync } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english";
import { bytesToHex } from "viem";
import { HDKey, type LocalAccount, privateKeyToAccount } from "viem/accounts";
import { decrypt, encrypt, type Keystore, type Progress } from "@/lib/keystore";
import { Refusal } from "@/lib/refusal";

export const WORDS = 24;
const SECRET_BYTES = 32;

/** The opened secret of one purse. Let go of it as soon as it has signed. */
export class PurseKeys {
  private readonly root: HDKey;

  constructor(secret: Uint8Array) {
    this.root = HDKey.fromMasterSeed(mnemonicToSeedSync(entropyToMnemonic(secret, wordlist)));
  }

  static async open(keystore: Keystore, passphrase: string, progress: Progress): Promise<PurseKeys> {
    const secret = await decrypt(keystore, passphrase, progress);
    if (secret.length !== SECRET_BYTES)
      throw new Refusal("財布の鍵ファイルではありません", "this is no purse");
    return new PurseKeys(secret);
  }

  /** The resident's own account in a municipality; `index` counts replacements. */
  account(municipality: number, index = 0): LocalAccount {
    const { privateKey } = this.root.derive(`m/44'/60'/${municipality}'/0/${index}`);
    if (!privateKey) throw new Refusal("この財布では口座を作れません", "this purse makes no such account");
    return privateKeyToAccount(bytesToHex(privateKey));
  }
}

/** 32 random bytes as 24 words: whoever has them has the points. */
export function newWords(): string {
  return entropyToMnemonic(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)), wordlist);
}

/** The secret of 24 words that somebody typed. */
export function secretOf(words: string): Uint8Array {
  const given = words.normalize("NFKD").toLowerCase().split(/\s+/).filter(Boolean);
  if (given.length !== WORDS)
    throw new Refusal(
      `単語は${WORDS}語です(${given.length}語)`,
      `a purse has ${WORDS} words, not ${given.length}`,
    );
  const wrong = given.findIndex((word) => !wordlist.includes(word));
  if (wrong >= 0)
    throw new Refusal(`${wrong + 1}番目の単語が正しくありません`, `word ${wrong + 1} is not in the list`);
  try {
    return mnemonicToEntropy(given.join(" "), wordlist);
  } catch {
    throw new Refusal(
      "単語の誤りか、順番の入れ替わりがあります",
      "a word is wrong, or two have changed places",
    );
  }
}

/** The keystore of a purse. It names no account: that of the secret taken for a key is nobody's. */
export function keystoreOf(words: string, passphrase: string, progress: Progress): Promise<Keystore> {
  return encrypt(secretOf(words), passphrase, undefined, progress);
}
