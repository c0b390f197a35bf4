// Where the points of a series came from and went, month by month, from its events alone and the calendar.
//
// Lots are followed account by account, as the contract keeps them: those that end first are spent first, and what is
// left of a lot when its month is over has lapsed, with or without an event that says so.
import type { Hex } from "viem";
import type { PointEvent } from "./events";

const ZERO = `0x${"00".repeat(20)}`;
const LOT_POINTS = 2 ** 29;

/**
 * `granted` has bonuses in it; `lapsed` is what ended unused: lapsed and revoked, less what was restored. `carriedIn`
 * came from the series before, `carriedOut` went to the successor.
 */
export const FLOWS = ["granted", "exchanged", "carriedIn", "used", "lapsed", "carriedOut"] as const;
export type Flow = (typeof FLOWS)[number];

/** What became of points in one flow and month: how many, of which accounts, in which transactions. */
export interface Cell {
  points: number;
  readonly people: Set<string>;
  readonly transactions: Map<Hex, { readonly block: number; points: number; events: number }>;
}

export interface MonthOfPoints {
  readonly month: number;
  readonly cells: Readonly<Record<Flow, Cell>>;
  /** What residents hold when the month is over and its lots have ended. */
  outstanding: number;
}

export class ReplayFault extends Error {}

export interface Followed {
  /** The last one is the present month, which is not over. */
  readonly months: readonly MonthOfPoints[];
  /** What shops have taken and have not been paid in yen. With what residents hold it is the series' total supply. */
  readonly claims: number;
}

/** Follow all events, which are in chain order, and close every month before `now`. */
export function follow(events: readonly PointEvent[], exchange: string | undefined, now: number): Followed {
  const replay = new Replay(exchange?.toLowerCase());
  for (const event of events) replay.apply(event);
  return { months: replay.finish(now), claims: replay.claims };
}

class Replay {
  claims = 0;
  private readonly months: MonthOfPoints[] = [];
  private readonly lots = new Map<string, Map<number, number>>();
  private readonly ending = new Map<number, number>();
  private readonly merchants = new Set<string>();
  private readonly successors = new Map<string, string>();
  /** Transfers that the events before them have accounted for. */
  private announced: number[] = [];
  /** Lots of one account that go over in a row have one Transfer of the whole behind them. */
  private carrying: string | undefined;
  private refunded: { month: number; points: number }[] = [];
  private mint: { month: number; flow: Flow } | undefined;

  constructor(private readonly exchange: string | undefined) {}

  apply(event: PointEvent): void {
    this.reach(event.month);
    const before = this.carrying;
    this.carrying = undefined;
    const { account = "", from = "", to = "", minter = "", merchant = "" } = event.accounts;
    const { expiryMonth = 0, amountPoints = 0, value = 0 } = event.numbers;
    switch (event.name) {
      case "Minted":
        this.mint = { month: expiryMonth, flow: minter === this.exchange ? "exchanged" : "granted" };
        break;
      case "MerchantApproved":
        this.merchants.add(merchant);
        break;
      case "Transfer":
        this.transfer(event, from, to, value);
        break;
      case "Lapsed":
        this.lotsOf(account).delete(expiryMonth); // it has counted since its month was over
        this.announced.push(amountPoints);
        break;
      case "Carried":
        for (const [month, points] of this.lotsOf(from))
          if (month >= event.month) {
            this.add(to, month, points);
            this.lotsOf(from).delete(month);
          }
        this.successors.set(from, to);
        this.announced.push(amountPoints);
        break;
      case "LotExtended":
        this.move(account, event.numbers.fromMonth ?? 0, -amountPoints);
        this.move(account, event.numbers.toMonth ?? 0, amountPoints);
        break;
      case "LotRestored":
        this.move(account, event.numbers.toMonth ?? 0, amountPoints);
        this.count(event, "lapsed", account, -amountPoints);
        this.announced.push(amountPoints);
        break;
      case "Revoked":
      case "TakenBack":
        this.move(account, expiryMonth, -amountPoints);
        this.count(event, "lapsed", account, amountPoints);
        this.announced.push(amountPoints);
        break;
      case "SaleRefunded": {
        const { lot = 0 } = event.numbers;
        this.refunded.push({ month: Math.floor(lot / LOT_POINTS), points: lot % LOT_POINTS });
        break;
      }
      case "Settled":
        this.claims -= amountPoints;
        this.announced.push(amountPoints);
        break;
      case "ClaimReopened":
      case "ClaimCarriedIn":
        this.changeClaims(claimOf(event));
        break;
      case "ClaimCarriedOut":
        this.changeClaims(-claimOf(event));
        break;
      case "MerchantCarriedIn":
        this.merchants.add(merchant);
        break;
      case "LotCarriedIn":
      case "LotCarriedOut": {
        const isIn = event.name === "LotCarriedIn";
        this.move(account, expiryMonth, isIn ? amountPoints : -amountPoints);
        this.count(event, isIn ? "carriedIn" : "carriedOut", account, amountPoints);
        this.carrying = `${event.name} ${account} ${event.transaction}`;
        const sum = this.carrying === before ? (this.announced.pop() ?? 0) : 0;
        this.announced.push(sum + amountPoints);
        break;
      }
      case "MintSkipped":
        break; // whoever was skipped has no Transfer
    }
  }

  finish(now: number): MonthOfPoints[] {
    if (this.months.length > 0) this.reach(now);
    const last = this.months.at(-1);
    if (last) last.outstanding = this.held(last.month);
    return this.months;
  }

  // ---------------------------------------------------------------------------------------------- MOVEMENTS

  private changeClaims(points: number): void {
    this.claims += points;
    this.announced.push(Math.abs(points));
  }

  private transfer(event: PointEvent, from: string, to: string, points: number): void {
    const announced = this.announced.pop();
    if (announced !== undefined) {
      if (announced !== points)
        throw new ReplayFault(`a transfer of ${announced} points was due, not of ${points}`);
      return;
    }
    if (from === ZERO) {
      if (this.mint === undefined) throw new ReplayFault("points came from nowhere");
      this.move(to, this.mint.month, points);
      this.count(event, this.mint.flow, to, points);
    } else if (this.merchants.has(from) && this.merchants.has(to)) {
      // a shop passes its claim on
    } else if (this.merchants.has(from)) {
      for (const lot of this.refunded) this.move(to, lot.month, lot.points);
      this.refunded = [];
      this.claims -= points;
      this.count(event, "used", to, -points);
    } else if (this.merchants.has(to)) {
      for (const [month, part] of this.take(event, from, points))
        this.ending.set(month, (this.ending.get(month) ?? 0) - part);
      this.claims += points;
      this.count(event, "used", from, points);
    } else for (const [month, part] of this.take(event, from, points)) this.add(to, month, part);
  }

  /** Take live points out of an account, those that end first first. */
  private take(event: PointEvent, account: string, points: number): [number, number][] {
    const lots = this.lotsOf(account);
    const parts: [number, number][] = [];
    let rest = points;
    for (const month of [...lots.keys()].filter((each) => each >= event.month).sort((a, b) => a - b)) {
      const part = Math.min(lots.get(month) ?? 0, rest);
      if (part === 0) continue;
      this.add(account, month, -part);
      parts.push([month, part]);
      rest -= part;
    }
    if (rest > 0) throw new ReplayFault(`an account paid ${rest} points that it did not have`);
    return parts;
  }

  /** Change a lot, and with it what all residents hold. */
  private move(account: string, month: number, points: number): void {
    this.add(account, month, points);
    this.ending.set(month, (this.ending.get(month) ?? 0) + points);
  }

  private add(account: string, month: number, points: number): void {
    const lots = this.lotsOf(account);
    const held = (lots.get(month) ?? 0) + points;
    if (held === 0) lots.delete(month);
    else lots.set(month, held);
  }

  private lotsOf(account: string): Map<number, number> {
    const lots = this.lots.get(account) ?? new Map<number, number>();
    this.lots.set(account, lots);
    return lots;
  }

  // -------------------------------------------------------------------------------------------------- MONTHS

  private reach(month: number): void {
    for (;;) {
      const last = this.months.at(-1);
      if (last?.month === month) return;
      if (last !== undefined) this.close(last);
      this.months.push({
        month: last === undefined ? month : last.month + 1,
        cells: {
          granted: empty(),
          exchanged: empty(),
          carriedIn: empty(),
          used: empty(),
          lapsed: empty(),
          carriedOut: empty(),
        },
        outstanding: 0,
      });
    }
  }

  /** A month is over: its lots have ended. No transaction says so; the calendar does. */
  private close(month: MonthOfPoints): void {
    for (const [account, lots] of this.lots) {
      const points = lots.get(month.month);
      if (!points) continue;
      month.cells.lapsed.points += points;
      month.cells.lapsed.people.add(this.personOf(account));
    }
    month.outstanding = this.held(month.month + 1);
  }

  private held(from: number): number {
    let sum = 0;
    for (const [month, points] of this.ending) if (month >= from) sum += points;
    return sum;
  }

  private count(event: PointEvent, flow: Flow, account: string, points: number): void {
    const cell = this.months.at(-1)?.cells[flow];
    if (cell === undefined) return;
    cell.points += points;
    cell.people.add(this.personOf(account));
    const known = cell.transactions.get(event.transaction) ?? { block: event.block, points: 0, events: 0 };
    known.points += points;
    known.events += 1;
    cell.transactions.set(event.transaction, known);
  }

  /** Somebody whose card was issued again stays one person. */
  private personOf(account: string): string {
    let person = account;
    for (let next = this.successors.get(person); next !== undefined; next = this.successors.get(person))
      person = next;
    return person;
  }
}

function claimOf(event: PointEvent): number {
  return (event.numbers.thisYearPoints ?? 0) + (event.numbers.earlierYearsPoints ?? 0);
}

export function empty(): Cell {
  return { points: 0, people: new Set(), transactions: new Map() };
}
