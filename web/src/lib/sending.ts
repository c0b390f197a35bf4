// Signs one call of a contract with a key at hand, sends it and waits for the receipt.
import {
  type Address,
  encodeFunctionData,
  type Hex,
  keccak256,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
} from "viem";
import type { LocalAccount } from "viem/accounts";
import {
  call,
  estimateGas,
  getTransactionCount,
  getTransactionReceipt,
  sendRawTransaction,
} from "viem/actions";
import type { ContractName } from "./book";
import { type Chain, ChainRefusal, isLineError } from "./chain";
import { Refusal } from "./refusal";

const GAS_MARGIN_PERCENT = 20n;
const WAIT_MILLISECONDS = 60_000;
const POLL_MILLISECONDS = 250;

export interface ContractCall {
  readonly contract: ContractName;
  readonly address: Address;
  readonly functionName: string;
  readonly args: readonly unknown[];
}

/** A transaction ready to be sent, any number of times: it is carried out once. */
export interface SignedCall {
  readonly raw: Hex;
  readonly hash: Hex;
  readonly nonce: number;
  readonly sender: Address;
}

/** Sign a call, after the chain was asked whether it would go through now. Gas costs nothing on these networks. */
export async function signCall(chain: Chain, wanted: ContractCall, key: LocalAccount): Promise<SignedCall> {
  const data = dataOf(chain, wanted);
  const gas = await chain.asking(() =>
    estimateGas(chain.client, { account: key.address, to: wanted.address, data, gasPrice: 0n }),
  );
  const nonce = await getTransactionCount(chain.client, { address: key.address, blockTag: "pending" });
  const raw = await key.signTransaction({
    type: "legacy",
    chainId: chain.book.chain_id,
    nonce,
    to: wanted.address,
    data,
    // Work after the estimate may be more: a lot that ends in between, a word that is new.
    gas: (gas * (100n + GAS_MARGIN_PERCENT)) / 100n,
    gasPrice: 0n,
  });
  return { raw, hash: keccak256(raw), nonce, sender: key.address };
}

/** Hand a transaction to the node; no harm if it has it already. Throws if there is no line. */
export async function submit(chain: Chain, signed: SignedCall): Promise<void> {
  try {
    await sendRawTransaction(chain.client, { serializedTransaction: signed.raw });
  } catch (error) {
    if (isLineError(error)) throw error;
    // Known, or done already: the receipt will tell.
  }
}

export async function receiptOf(chain: Chain, hash: Hex): Promise<TransactionReceipt | undefined> {
  try {
    return await getTransactionReceipt(chain.client, { hash });
  } catch (error) {
    if (error instanceof TransactionReceiptNotFoundError) return undefined;
    throw error;
  }
}

/** The receipt; undefined if the nonce was used by another transaction. Throws a Refusal if none comes in time. */
export async function awaitReceipt(
  chain: Chain,
  signed: SignedCall,
): Promise<TransactionReceipt | undefined> {
  const deadline = Date.now() + WAIT_MILLISECONDS;
  for (let overtaken = 0; ; ) {
    const receipt = await receiptOf(chain, signed.hash);
    if (receipt) return receipt;
    const used = await getTransactionCount(chain.client, { address: signed.sender, blockTag: "latest" });
    // A node may count a transaction a moment before it has its receipt.
    overtaken = used > signed.nonce ? overtaken + 1 : 0;
    if (overtaken > 12) return undefined;
    if (Date.now() > deadline)
      throw new Refusal(
        "まだ確認できません。あとでもう一度確かめます。",
        "There is no receipt yet; it is looked for again later.",
      );
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}

/** Sign, send and wait. Throws a ChainRefusal if the chain refuses. */
export async function send(
  chain: Chain,
  wanted: ContractCall,
  key: LocalAccount,
): Promise<TransactionReceipt> {
  const signed = await signCall(chain, wanted, key);
  await submit(chain, signed);
  const receipt = await awaitReceipt(chain, signed);
  if (receipt?.status !== "success") {
    await chain.asking(() =>
      call(chain.client, { account: key.address, to: wanted.address, data: dataOf(chain, wanted) }),
    );
    throw new ChainRefusal("", {});
  }
  return receipt;
}

export function dataOf(chain: Chain, { contract, functionName, args }: ContractCall): Hex {
  return encodeFunctionData({ abi: chain.abi(contract), functionName, args });
}
