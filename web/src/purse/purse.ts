// A resident's purse: what it keeps, what it knows, what it does. The secret is opened for one act and let go.
import type { Address } from "viem";
import { Chain, isLineError } from "@/lib/chain";
import { type Keystore, type Progress, readKeystore } from "@/lib/keystore";
import { Observed } from "@/lib/observed";
import { Refusal } from "@/lib/refusal";
import { send } from "@/lib/sending";
import type { Site } from "@/lib/site";
import { holdAlone, Storage } from "@/lib/storage";
import { isSameAccount } from "@/payment/signing";
import { type Offer, SigningDesk } from "./desk";
import { type HeldPoints, heldPoints, nameHeldPoints, redeemCoupon } from "./exchange";
import { keystoreOf, PurseKeys } from "./keys";
import { type Knowledge, learn } from "./knowledge";
import { type Movement, movements } from "./movements";
import { answerRegistration, type RegistrationRequest, readRegistration } from "./registration";

type Accounts = Record<number, Address>;

export class Purse extends Observed {
  keystore: Keystore | undefined;
  /** Own accounts by municipality. They are public; the keys are not here. */
  accounts: Accounts = {};
  known: Knowledge[] = [];
  isLearning = false;
  isOffline = false;
  trouble: unknown;
  readonly chain: Chain;
  desk!: SigningDesk;

  private constructor(
    site: Site,
    private readonly storage: Storage,
  ) {
    super();
    this.chain = new Chain(site);
  }

  static async open(site: Site): Promise<Purse> {
    if (!(await holdAlone("jichitai-points purse")))
      throw new Refusal(
        "財布は別の画面で開いています。そちらをお使いください。",
        "The purse is open in another window: use that one.",
      );
    const purse = new Purse(site, await Storage.open("jichitai-points purse"));
    purse.keystore = await purse.storage.get("keystore");
    purse.accounts = (await purse.storage.get("accounts")) ?? {};
    purse.known = await purse.storage.all("series ");
    purse.desk = await SigningDesk.open(purse.storage);
    return purse;
  }

  // --------------------------------------------------------------------------------------------- set-up

  /** Make the purse of 24 words, new or again. */
  async make(words: string, passphrase: string, progress: Progress): Promise<void> {
    await this.take(await keystoreOf(words, passphrase, progress), passphrase, () => {});
  }

  /** Take the keystore of a purse from a file. */
  async takeFile(text: string, passphrase: string, progress: Progress): Promise<void> {
    await this.take(readKeystore(text), passphrase, progress);
  }

  private async take(keystore: Keystore, passphrase: string, progress: Progress): Promise<void> {
    if (this.keystore) throw new Refusal("財布がすでにあります", "there is a purse already");
    const keys = await PurseKeys.open(keystore, passphrase, progress);
    await this.noteAccounts(keys);
    await this.storage.put("keystore", keystore);
    this.keystore = keystore;
    this.changed();
    void this.learn();
  }

  /** Open the secret. Towns that have come since get their accounts. */
  private async unlock(passphrase: string, progress: Progress): Promise<PurseKeys> {
    if (!this.keystore) throw new Refusal("財布がありません", "there is no purse");
    const keys = await PurseKeys.open(this.keystore, passphrase, progress);
    await this.noteAccounts(keys);
    return keys;
  }

  private async noteAccounts(keys: PurseKeys): Promise<void> {
    for (const { municipality } of this.chain.book.series)
      this.accounts[municipality] ??= keys.account(municipality).address;
    await this.storage.put("accounts", this.accounts);
  }

  // ------------------------------------------------------------------------------------------- the line

  /** Learn points and shops anew, if there is a line. */
  async learn(): Promise<void> {
    if (!this.keystore || this.isLearning) return;
    this.isLearning = true;
    this.trouble = undefined;
    this.changed();
    try {
      await this.chain.require();
      const head = await this.chain.head();
      const learned = await Promise.all(
        this.chain.book.series.flatMap((series) => {
          const account = this.accounts[series.municipality];
          const before = this.known.find((known) => known.series === series.address);
          return account ? [learn(this.chain, series, account, before, head)] : [];
        }),
      );
      for (const known of learned) {
        await this.storage.put(`series ${known.series}`, known);
        if (known.block >= 0) await this.desk.lookUp(this.chain, known);
      }
      this.known = learned;
      this.isOffline = false;
    } catch (error) {
      if (isLineError(error)) this.isOffline = true;
      else this.trouble = error;
    }
    this.isLearning = false;
    this.changed();
  }

  /** Series of towns where the account is a resident's or holds points. */
  get ours(): Knowledge[] {
    return this.known.filter((known) => known.number > 0 || known.lots.length > 0);
  }

  // ------------------------------------------------------------------------------------------------ acts

  consider(text: string): Promise<Offer> {
    return this.desk.consider(text, this.known);
  }

  /** Sign an offer, and return the text of the answer. Needs no line. */
  async pay(offer: Offer, passphrase: string, progress: Progress): Promise<string> {
    const keys = await this.unlock(passphrase, progress);
    const answer = await this.desk.sign(offer, keys.account(offer.known.municipality));
    this.changed();
    return answer;
  }

  /** Read a town hall's request to sign a registration. */
  considerRegistration(text: string): RegistrationRequest {
    const request = readRegistration(text);
    const { book } = this.chain;
    if (request.chainId !== book.chain_id || !isSameAccount(request.registry, book.residents))
      throw new Refusal(
        "この財布の運用協議会・チェーンのコードではありません",
        "the code is of another chain or council than this purse's",
      );
    if (!book.series.some((series) => series.municipality === request.municipality))
      throw new Refusal("この協議会の自治体ではありません", "the municipality is not one of this council");
    return request;
  }

  /** What a municipality is called. */
  townOf(municipality: number): string {
    return this.chain.book.series.find((series) => series.municipality === municipality)?.town ?? "";
  }

  /** Sign a registration, and return the text of the answer. Needs no line. */
  async signRegistration(
    request: RegistrationRequest,
    passphrase: string,
    progress: Progress,
  ): Promise<string> {
    const keys = await this.unlock(passphrase, progress);
    return answerRegistration(request, keys.account(request.municipality));
  }

  /** Cancel everything of a series that was signed and not submitted. */
  async cancelSignatures(known: Knowledge, passphrase: string, progress: Progress): Promise<void> {
    const keys = await this.unlock(passphrase, progress);
    const call = {
      contract: "MunicipalPoint",
      address: known.series,
      functionName: "cancelSignatures",
      args: [],
    } as const;
    await send(this.chain, call, keys.account(known.municipality));
    await this.learn();
  }

  async movements(known: Knowledge): Promise<Movement[]> {
    await this.chain.require();
    return movements(this.chain, known);
  }

  /** What waits in the holding account, of all home municipalities. */
  async held(): Promise<HeldPoints[]> {
    await this.chain.require();
    const homes = new Map(this.ours.map((known) => [known.municipality, known]));
    return (await Promise.all([...homes.values()].map((home) => heldPoints(this.chain, home)))).flat();
  }

  async nameHeld(held: HeldPoints, target: Knowledge, passphrase: string, progress: Progress): Promise<void> {
    const keys = await this.unlock(passphrase, progress);
    await nameHeldPoints(this.chain, held, target.municipality, target.account, keys.account(held.home));
    await this.learn();
  }

  async redeem(code: string, known: Knowledge, passphrase: string, progress: Progress): Promise<number> {
    const keys = await this.unlock(passphrase, progress);
    const points = await redeemCoupon(this.chain, code, known, keys.account(known.municipality));
    await this.learn();
    return points;
  }
}
