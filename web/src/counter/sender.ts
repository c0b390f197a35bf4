// Sends what waits in the queue to the chain in batches, and finds out what became of it, as
// scripts/lib/merchant/sending.py does. A payment that the chain skips does not hold up the others.
import { decodeEventLog } from "viem";
import type { LocalAccount } from "viem/accounts";
import { call } from "viem/actions";
import type { Chain } from "@/lib/chain";
import { Refusal } from "@/lib/refusal";
import { awaitReceipt, type ContractCall, dataOf, receiptOf, signCall, submit } from "@/lib/sending";
import type { PaymentAnswer } from "@/payment/codes";
import { Issue } from "@/payment/issue";
import { isSameAccount, NO_SIGNATURE, termsOf } from "@/payment/signing";
import type { SaleQueue, TillSale } from "./queue";
import { findPayment, pointsOf } from "./sales";
import type { TillSettings } from "./settings";

/** How many payments one transaction takes: some 22,000 to 39,000 gas each. */
const BATCH_SALES = 100;

export class Sender {
  constructor(
    private readonly chain: Chain,
    private readonly settings: TillSettings,
    private readonly queue: SaleQueue,
    private readonly key: LocalAccount,
  ) {}

  /** Why the chain would not take a payment now, the signature of a contract account aside. */
  async issueOf({ payment }: PaymentAnswer): Promise<Issue> {
    const [issue, epoch] = await Promise.all([
      this.chain.read("MunicipalPoint", this.settings.series, "issueOf", [
        payment.merchant,
        termsOf(payment),
      ]),
      this.chain.read("MunicipalPoint", this.settings.series, "cancelEpochOf", [payment.payer]),
    ]);
    return issue === Issue.NONE && Number(epoch) !== payment.cancelEpoch ? Issue.WRONG_SIGNATURE : issue;
  }

  /** Ask the chain whether a contract account accepts its signature; throws a ChainRefusal if not. */
  async requireContractSignature({ payment, signature }: PaymentAnswer): Promise<void> {
    const paying = this.call("paySigned", [payment.merchant, termsOf(payment), signature.r, signature.vs]);
    const asked = { account: this.key.address, to: paying.address, data: dataOf(this.chain, paying) };
    await this.chain.asking(() => call(this.chain.client, asked));
  }

  /** Send all that waits, after what was on its way when the page was closed. */
  async submit(): Promise<void> {
    await this.recover();
    // What is taken meanwhile goes with the next batch.
    for (let waiting = this.queue.waiting(); waiting.length > 0; waiting = this.queue.waiting())
      await this.submitBatch(waiting.slice(0, BATCH_SALES));
  }

  /** Use a number up without a payment. */
  async void(sale: number): Promise<void> {
    const signed = await signCall(
      this.chain,
      this.call("voidSale", [this.settings.merchant, BigInt(sale)]),
      this.key,
    );
    await submit(this.chain, signed);
    const receipt = await awaitReceipt(this.chain, signed);
    if (receipt?.status !== "success") throw lost();
    await this.queue.noteVoided(sale, signed.hash);
  }

  /** Bring to an end what was on its way, by sending the same bytes again: the chain carries them out once. */
  private async recover(): Promise<void> {
    for (const batch of [...this.queue.sent]) {
      if (!(await receiptOf(this.chain, batch.call.hash))) await submit(this.chain, batch.call);
      await this.finish(batch.call, batch.sales);
    }
  }

  private async submitBatch(sales: readonly TillSale[]): Promise<void> {
    const payments = sales.flatMap(({ answer }) =>
      answer ? [{ terms: termsOf(answer.payment), r: answer.signature.r, vs: answer.signature.vs }] : [],
    );
    const paying = this.call("payBatch", [this.settings.merchant, payments, NO_SIGNATURE.r, NO_SIGNATURE.vs]);
    const signed = await signCall(this.chain, paying, this.key);
    const numbers = sales.map((sale) => sale.number);
    await this.queue.noteSending(signed, numbers);
    await submit(this.chain, signed);
    await this.finish(signed, numbers);
  }

  private async finish(signed: Parameters<typeof awaitReceipt>[1], sales: readonly number[]): Promise<void> {
    const receipt = await awaitReceipt(this.chain, signed);
    if (receipt?.status !== "success") {
      // Another transaction has its nonce, or all of it was refused. Were it paid after all, the chain says so
      // when it is sent again.
      await this.queue.noteSettled(signed.hash, new Map());
      throw lost();
    }
    const issues = new Map<number, Issue>(sales.map((sale) => [sale, Issue.NONE]));
    for (const log of receipt.logs) {
      if (!isSameAccount(log.address, this.settings.series)) continue;
      const { eventName, args } = decodeEventLog({
        abi: this.chain.abi("MunicipalPoint"),
        ...log,
        strict: false,
      });
      if (eventName !== "PaymentSkipped") continue;
      const skipped = args as unknown as { sale: bigint; issue: Issue };
      issues.set(Number(skipped.sale), skipped.issue);
    }
    for (const [number, issue] of issues)
      if (issue === Issue.ALREADY_PAID && !(await this.isOurs(number))) issues.set(number, Issue.SALE_USED);
    await this.queue.noteSettled(signed.hash, issues);
  }

  /** Whether the events say that a sale was paid as answered: the chain's own word is a hint. */
  private async isOurs(number: number): Promise<boolean> {
    const answer = this.queue.sale(number).answer;
    if (!answer) return false;
    try {
      const paid = await findPayment(this.chain, this.settings, number);
      return isSameAccount(paid.payer, answer.payment.payer) && pointsOf(paid) === answer.payment.points;
    } catch (error) {
      if (error instanceof Refusal) return false;
      throw error;
    }
  }

  private call(functionName: string, args: readonly unknown[]): ContractCall {
    return { contract: "MunicipalPoint", address: this.settings.series, functionName, args };
  }
}

function lost(): Refusal {
  return new Refusal(
    "送信が成立しませんでした。もう一度送信してください。",
    "The chain did not carry it out; the payments wait again.",
  );
}
