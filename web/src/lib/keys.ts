// Keys are in memory only as long as they sign; on disk they are keystores.
import { bytesToHex, hexToBytes } from "viem";
import { generatePrivateKey, type LocalAccount, privateKeyToAccount } from "viem/accounts";
import { isSameAccount } from "@/payment/signing";
import { decrypt, encrypt, type Keystore, type Progress } from "./keystore";
import { Refusal } from "./refusal";

/** Make a key and its keystore. */
export async function createKey(passphrase: string, progress?: Progress): Promise<Keystore> {
  const secret = generatePrivateKey();
  return encrypt(hexToBytes(secret), passphrase, privateKeyToAccount(secret).address, progress);
}

/** Open a keystore of a key. */
export async function openKey(
  keystore: Keystore,
  passphrase: string,
  progress?: Progress,
): Promise<LocalAccount> {
  const key = privateKeyToAccount(bytesToHex(await decrypt(keystore, passphrase, progress)));
  if (keystore.address && !isSameAccount(`0x${keystore.address.replace("0x", "")}`, key.address))
    throw new Refusal(
      "別の口座の鍵ファイルです",
      "the keystore holds the key of another account than it names",
    );
  return key;
}
