// One till at work: its key, its queue, the line; what the page shows and does.
import type { Address } from "viem";
import type { LocalAccount } from "viem/accounts";
import { seriesAt } from "@/lib/book";
import { now } from "@/lib/calendar";
import { Chain, isLineError } from "@/lib/chain";
import { createKey, openKey } from "@/lib/keys";
import { type Keystore, type Progress, readKeystore } from "@/lib/keystore";
import { digits } from "@/lib/money";
import { Observed } from "@/lib/observed";
import { Refusal } from "@/lib/refusal";
import { send } from "@/lib/sending";
import { issueSentence } from "@/lib/sentences";
import type { Site } from "@/lib/site";
import { holdAlone, Storage } from "@/lib/storage";
import { type PaymentRequest, readAnswer, requestText } from "@/payment/codes";
import { Issue } from "@/payment/issue";
import { ACTIVE, type KnownShop, learnShops, maySign, type Shops } from "@/payment/shops";
import { isSameAccount, MAX_PAYMENT_POINTS, sign } from "@/payment/signing";
import { checkAnswer, checkOffline, isSignedByKey } from "./checks";
import { SaleQueue, type TillSale } from "./queue";
import { findPayment, firstBlockOf, pointsOf, type ShopEvent, shopEvents } from "./sales";
import { Sender } from "./sender";
import { domainOf, type TillSettings } from "./settings";

/** How much longer than until the promised connection a code is valid: clocks differ. */
const VALID_BEYOND_SECONDS = 60 * 60;
const CLOCK_TOLERANCE_SECONDS = 120;
const RETRY_MILLISECONDS = 15_000;

export type Line = "unknown" | "up" | "down";

/** A shop that a key may work for. */
export interface FoundShop {
  readonly series: Address;
  readonly merchant: Address;
  readonly shop: KnownShop;
}

export interface Claim {
  readonly thisYear: number;
  readonly earlierYears: number;
  readonly locked: number;
}

export interface PlannedRefund {
  readonly sale: number;
  readonly payer: Address;
  readonly lots: readonly bigint[];
  readonly paid: number;
  readonly left: number;
  readonly returned: number;
  readonly unreturnable: number;
}

export class Till extends Observed {
  keystore: Keystore | undefined;
  settings: TillSettings | undefined;
  key: LocalAccount | undefined;
  line: Line = "unknown";
  /** By how many seconds the till's clock is ahead of the chain, if by too many. */
  clockAhead = 0;
  /** Why the last sending came to nothing. */
  trouble: unknown;
  /** Whether the key is the shop's own, which may refund and claim. */
  isOwner = false;
  queue!: SaleQueue;
  readonly chain: Chain;
  private known: { shops: Shops; block: number } = { shops: {}, block: -1 };
  private sending: Promise<void> | undefined;

  private constructor(
    site: Site,
    private readonly storage: Storage,
  ) {
    super();
    this.chain = new Chain(site);
  }

  static async open(site: Site): Promise<Till> {
    if (!(await holdAlone("jichitai-points till")))
      throw new Refusal(
        "レジは別の画面で開いています。そちらをお使いください。",
        "The till is open in another window: use that one.",
      );
    const till = new Till(site, await Storage.open("jichitai-points till"));
    till.keystore = await till.storage.get("keystore");
    till.settings = await till.storage.get("settings");
    till.known = (await till.storage.get("shops")) ?? till.known;
    till.isOwner = (await till.storage.get("is owner")) ?? false;
    till.queue = await SaleQueue.open(till.storage, till.settings?.till ?? 0);
    return till;
  }

  // --------------------------------------------------------------------------------------------- set-up

  get account(): Address | undefined {
    return this.key?.address;
  }

  async makeKey(passphrase: string, progress: Progress): Promise<void> {
    this.keystore = await createKey(passphrase, progress);
    await this.storage.put("keystore", this.keystore);
    await this.unlock(passphrase, progress);
  }

  async takeKey(file: string, passphrase: string, progress: Progress): Promise<void> {
    const keystore = readKeystore(file);
    this.key = await openKey(keystore, passphrase, progress);
    this.keystore = { ...keystore, address: this.key.address.slice(2).toLowerCase() };
    await this.storage.put("keystore", this.keystore);
    this.changed();
  }

  async unlock(passphrase: string, progress: Progress): Promise<void> {
    if (!this.keystore) throw new Refusal("鍵がありません", "there is no key");
    this.key = await openKey(this.keystore, passphrase, progress);
    this.changed();
    void this.flush();
  }

  lock(): void {
    this.key = undefined;
    this.changed();
  }

  /** The shops that the towns have approved for this key. Needs a line. */
  async findShops(): Promise<FoundShop[]> {
    await this.connect();
    const key = this.requireKey().address;
    const found: FoundShop[] = [];
    const head = await this.chain.height();
    for (const { address } of this.chain.book.series) {
      const shops: Shops = {};
      await learnShops(this.chain, address, shops, 0, head);
      for (const [merchant, shop] of Object.entries(shops) as [Address, KnownShop][])
        if (shop.status === ACTIVE && maySign(shop, key)) found.push({ series: address, merchant, shop });
    }
    return found;
  }

  async setUp(
    found: FoundShop,
    limits: Omit<TillSettings, "chain_id" | "series" | "merchant" | "shop">,
  ): Promise<void> {
    const { series, merchant, shop } = found;
    if (limits.offline_sale_points > Math.min(limits.offline_day_points, MAX_PAYMENT_POINTS))
      throw new Refusal(
        "オフラインの1件の上限が1日の上限を超えています",
        "the offline limit of a sale is beyond that of a day",
      );
    await this.changeSettings({
      chain_id: this.chain.book.chain_id,
      series,
      merchant,
      shop: shop.name,
      ...limits,
    });
    await this.learn();
  }

  async changeSettings(settings: TillSettings): Promise<void> {
    if (settings.series !== this.settings?.series) this.known = { shops: {}, block: -1 };
    await this.storage.put("settings", settings);
    this.settings = settings;
    this.queue = await SaleQueue.open(this.storage, settings.till);
    this.changed();
  }

  /** Town and name of the points. */
  get series(): { town: string; name: string } {
    return seriesAt(this.chain.book, this.requireSettings().series);
  }

  // ---------------------------------------------------------------------------------------------- sales

  /** Open a sale; its number is used from now on. */
  async openSale(points: number): Promise<TillSale> {
    if (!(points >= 1 && points <= MAX_PAYMENT_POINTS))
      throw new Refusal(
        `1から${digits(MAX_PAYMENT_POINTS)}ポイントまでです`,
        `a sale is of 1 to ${digits(MAX_PAYMENT_POINTS)} points`,
      );
    const until = now() + this.requireSettings().connection_seconds + VALID_BEYOND_SECONDS;
    const sale = await this.queue.openSale(points, now(), until);
    this.changed();
    return sale;
  }

  /** The text of a sale's code. */
  async codeOf(sale: TillSale): Promise<string> {
    const settings = this.requireSettings();
    const message = {
      merchant: settings.merchant,
      sale: sale.number,
      points: sale.points,
      validUntil: sale.validUntil,
    };
    const request: PaymentRequest = {
      domain: domainOf(settings),
      sale: message,
      till: await sign(domainOf(settings), message, this.requireKey()),
    };
    return requestText(request);
  }

  /** Take a customer's answer: check it, keep it. It is sent as soon as there is a line. */
  async accept(text: string): Promise<TillSale> {
    const settings = this.requireSettings();
    const answer = readAnswer(text);
    const at = now();
    const check = () => checkAnswer(settings, this.queue, answer, at, Object.keys(this.known.shops));
    check();
    const isOwnKey = await isSignedByKey(answer);
    let offline = false;
    try {
      await this.connect();
      const sender = this.sender();
      const issue = await sender.issueOf(answer);
      // ALREADY_PAID is a payment that reached the chain by another way: it is taken, and found there.
      if (issue !== Issue.NONE && issue !== Issue.ALREADY_PAID) throw Refusal.of(issueSentence(issue));
      if (issue === Issue.NONE && !isOwnKey) await sender.requireContractSignature(answer);
    } catch (error) {
      if (!isLineError(error)) throw error;
      this.noteLine("down");
      offline = true;
    }
    const sale = await this.queue.takeAnswer(answer, at, offline, () => {
      check();
      if (offline) checkOffline(settings, this.queue, answer, at, isOwnKey);
    });
    this.changed();
    return sale;
  }

  /** Use a number up, so that it cannot be paid any more. */
  async voidSale(sale: TillSale): Promise<void> {
    await this.connect();
    await this.sender().void(sale.number);
    this.changed();
  }

  // ------------------------------------------------------------------------------------------- the line

  /** Send what waits, if there is a line; once at a time. */
  async flush(): Promise<void> {
    while (this.sending) await this.sending;
    if (!this.key || !this.settings) return;
    this.sending = this.sendAll().finally(() => {
      this.sending = undefined;
      this.changed();
    });
    this.changed();
    await this.sending;
  }

  get isSending(): boolean {
    return this.sending !== undefined;
  }

  /** Try again what the chain did not pay, for instance for want of points. */
  async retry(sale: TillSale): Promise<void> {
    await this.queue.retry(sale.number);
    await this.flush();
  }

  /** Look after the queue for as long as the page is open. */
  watch(): void {
    const tend = () => void this.flush();
    window.addEventListener("online", tend);
    setInterval(() => {
      if (this.isSending) return;
      if (this.queue.waiting().length > 0 || this.queue.sent.length > 0 || this.line !== "up") tend();
    }, RETRY_MILLISECONDS);
    tend();
  }

  private async sendAll(): Promise<void> {
    try {
      await this.connect();
      await this.learn();
      this.trouble = undefined;
      await this.sender().submit();
    } catch (error) {
      if (isLineError(error)) this.noteLine("down");
      else this.trouble = error;
    }
  }

  private async connect(): Promise<void> {
    try {
      await this.chain.require();
      const head = await this.chain.head();
      const ahead = now() - head.at;
      // A chain that makes no empty blocks may stand behind for long: only a clock that is late is told.
      this.clockAhead = ahead < -CLOCK_TOLERANCE_SECONDS ? ahead : 0;
      this.noteLine("up");
    } catch (error) {
      if (isLineError(error)) this.noteLine("down");
      throw error;
    }
  }

  /** Learn which accounts are shops, and whether this key is the shop's own. */
  private async learn(): Promise<void> {
    const { series, merchant } = this.requireSettings();
    const head = await this.chain.height();
    const { shops, block } = this.known;
    await learnShops(this.chain, series, shops, block + 1, head);
    this.known = { shops, block: Math.max(block, head) };
    const shop = shops[merchant];
    this.isOwner =
      shop !== undefined && this.key !== undefined && isSameAccount(shop.owner, this.key.address);
    await this.storage.put("shops", this.known);
    await this.storage.put("is owner", this.isOwner);
  }

  private noteLine(line: Line): void {
    if (this.line === line) return;
    this.line = line;
    this.changed();
  }

  // ---------------------------------------------------------------------------------------------- books

  /** What the chain booked for the shop since a day. */
  async eventsSince(day: number): Promise<ShopEvent[]> {
    await this.connect();
    const settings = this.requireSettings();
    return shopEvents(this.chain, settings, await firstBlockOf(this.chain, settings, day));
  }

  async claim(): Promise<Claim> {
    await this.connect();
    const { series, merchant } = this.requireSettings();
    const [thisYear, earlierYears, locked] = await this.chain.read("MunicipalPoint", series, "claimOf", [
      merchant,
    ]);
    return { thisYear: Number(thisYear), earlierYears: Number(earlierYears), locked: Number(locked) };
  }

  /** Ask the municipality to be paid in yen. The shop's own key alone may. */
  async requestSettlement(): Promise<void> {
    await this.connect();
    const { series, merchant } = this.requireSettings();
    const address = this.chain.service("MerchantSettlement");
    if (!address)
      throw new Refusal("協議会は精算サービスを提供していません", "the council offers no settlement");
    await send(
      this.chain,
      {
        contract: "MerchantSettlement",
        address,
        functionName: "requestSettlement",
        args: [series, merchant],
      },
      this.requireKey(),
    );
    this.changed();
  }

  /** What a refund would do; all that is left of the sale if `points` is not given. */
  async planRefund(sale: number, points?: number): Promise<PlannedRefund> {
    await this.connect();
    const settings = this.requireSettings();
    const paid = await findPayment(this.chain, settings, sale);
    const ask = (name: string, args: readonly unknown[]) =>
      this.chain.read("MunicipalPoint", settings.series, name, args);
    const [, refunded] = await ask("saleOf", [settings.merchant, BigInt(sale)]);
    const left = pointsOf(paid) - Number(refunded);
    const wanted = points ?? left;
    const [returned, unreturnable] = await ask("refundOf", [
      settings.merchant,
      BigInt(sale),
      paid.payer,
      paid.lots,
      BigInt(wanted),
    ]);
    return {
      sale,
      payer: paid.payer,
      lots: paid.lots,
      paid: pointsOf(paid),
      left,
      returned: Number(returned),
      unreturnable: Number(unreturnable),
    };
  }

  /** Give the points back to whoever paid. The shop's own key alone may. */
  async refund(planned: PlannedRefund): Promise<void> {
    const { series, merchant } = this.requireSettings();
    const undone = BigInt(planned.returned + planned.unreturnable);
    await send(
      this.chain,
      {
        contract: "MunicipalPoint",
        address: series,
        functionName: "refund",
        args: [merchant, BigInt(planned.sale), planned.payer, planned.lots, undone],
      },
      this.requireKey(),
    );
    this.changed();
  }

  /** Let another key take payments for the shop, or no longer. The shop's own key alone may. */
  async setTill(till: Address, active: boolean): Promise<void> {
    await this.connect();
    const { series, merchant } = this.requireSettings();
    await send(
      this.chain,
      {
        contract: "MunicipalPoint",
        address: series,
        functionName: "setTill",
        args: [merchant, till, active],
      },
      this.requireKey(),
    );
  }

  private sender(): Sender {
    return new Sender(this.chain, this.requireSettings(), this.queue, this.requireKey());
  }

  private requireKey(): LocalAccount {
    if (!this.key) throw new Refusal("鍵を開けてください", "open the key first");
    return this.key;
  }

  private requireSettings(): TillSettings {
    if (!this.settings) throw new Refusal("店が設定されていません", "no shop is set up");
    return this.settings;
  }
}
