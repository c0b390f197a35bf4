// One officer's desk in a browser: the file at work, what is left to do of it, and the sending.
//
//   const office = await Office.open(site);
//   await office.sit(keystore); await office.take(name, bytes);
//   await office.unlock(passphrase); await office.goOn();
//
// After each round of transactions the chain is asked again what it shows done, as the commands do: whatever was done,
// by whomever, in whichever browser, is not done twice.
import { type Address, encodeFunctionData, getAddress } from "viem";
import type { LocalAccount } from "viem/accounts";
import { type Bilingual, both } from "@/lib/bilingual";
import { Chain, ChainRefusal } from "@/lib/chain";
import { openKey } from "@/lib/keys";
import type { Progress as KeyProgress, Keystore } from "@/lib/keystore";
import { Observed } from "@/lib/observed";
import { Refusal } from "@/lib/refusal";
import { awaitReceipt, type SignedCall, submit } from "@/lib/sending";
import type { Site } from "@/lib/site";
import type { Fault } from "./csv-table";
import { actIn, decodedCall } from "./decoded";
import { readFile } from "./grants-file";
import { Journal } from "./journal";
import {
  type Plan,
  type PlannedCall,
  planFile,
  planIn,
  readPlan,
  requireChain,
  type Signed,
  sha256,
  signCall,
  signedFile,
  signPlan,
  UNKNOWN_NONCE,
} from "./plan";
import {
  BadRows,
  type Chosen,
  Desk,
  type GrantsFile,
  type Programme,
  type Proposal,
  proposalOf,
  Role,
  type Survey,
  standingOf,
  survey,
  withdrawal,
  withNonces,
} from "./survey";

/** How long an opened key stays open. */
const OPEN_MILLISECONDS = 10 * 60 * 1000;

export interface Seat {
  readonly desk: Desk;
  readonly keystore: Keystore;
  readonly offices: readonly Role[];
  /** Whether the officer is an Admin besides, who may end what others proposed. */
  readonly isAdmin: boolean;
}

export interface Progress {
  readonly rows: number;
  readonly of: number;
  readonly beganAt: number;
  /** Rows that were done before this run began: they say nothing about its speed. */
  readonly before: number;
}

export class Office extends Observed {
  seat: Seat | undefined;
  file: GrantsFile | undefined;
  chosen: Chosen = {};
  faults: readonly Fault[] = [];
  /** What to do about the faults, where no other file will do. */
  advice: readonly Bilingual[] = [];
  survey: Survey | undefined;
  /** A plan that was opened from a file, with what the chain has of it. */
  opened:
    | { readonly plan: Plan | Signed; readonly proposal?: number; readonly isApproved?: boolean }
    | undefined;
  progress: Progress | undefined;
  /** What the page is busy with; nothing else can be begun meanwhile. */
  busy: Bilingual | undefined;
  problem: Error | undefined;
  /** A file that was at work when this browser was closed. */
  interrupted: GrantsFile | undefined;
  sent = 0;
  programmes: readonly Programme[] = [];
  key: LocalAccount | undefined;
  private turn: Promise<void> = Promise.resolve();
  private locking: ReturnType<typeof setTimeout> | undefined;

  private constructor(
    readonly chain: Chain,
    private readonly journal: Journal,
  ) {
    super();
  }

  static async open(site: Site): Promise<Office> {
    const chain = new Chain(site);
    const office = new Office(chain, await Journal.open(site.book.genesis));
    office.interrupted = (await office.journal.work())?.file;
    return office;
  }

  // ---------------------------------------------------------------------------------------- WHO AND WHERE

  /** Take a seat: find the municipality in which the key's account holds an office. */
  sit(keystore: Keystore): Promise<void> {
    return this.doing(both("役職を確かめています", "Looking up your offices"), async () => {
      await this.chain.require();
      const account = accountOf(keystore);
      const codes = [...new Set(this.chain.book.series.map((series) => series.municipality))];
      for (const code of codes) {
        const desk = new Desk(this.chain, code, account);
        const roles = [Role.ProgrammeOfficer, Role.ProgrammeApprover];
        const held = await Promise.all(roles.map((role) => desk.holds(role)));
        const offices = roles.filter((_, place) => held[place]);
        if (offices.length > 0) {
          this.seat = { desk, keystore, offices, isAdmin: await desk.holds(Role.Admin) };
          break;
        }
      }
      if (this.seat?.keystore !== keystore)
        throw new Refusal(
          `口座 ${account} は、事業担当でも事業承認者でもありません`,
          `account ${account} is neither a programme officer nor an approver`,
        );
      this.programmes = await this.seat.desk.openedProgrammes();
      await this.resume();
    });
  }

  leave(): void {
    this.seat = undefined;
    this.clear();
    this.lock();
  }

  // ------------------------------------------------------------------------------------------------- FILES

  /** Read a file that was chosen: a list of grants, or a plan. */
  take(name: string, data: Uint8Array): Promise<void> {
    return this.doing(both("ファイルを読んでいます", "Reading the file"), async () => {
      // A file that was mended is still for what it was for; that it is meant besides another is said of each anew.
      const { isAnother: _, ...chosen } = name === this.file?.name ? this.chosen : {};
      this.clear();
      this.chosen = chosen;
      if (/\.json$/i.test(name)) await this.openPlan(new TextDecoder().decode(data));
      else {
        this.file = { name, hash: await sha256(data), table: readFile(data) };
        await this.look();
      }
    });
  }

  /** Say what rows are for that do not say it themselves. */
  choose(chosen: Chosen): Promise<void> {
    this.chosen = chosen;
    return this.again();
  }

  /** Ask the chain again. */
  again(): Promise<void> {
    return this.doing(both("チェーンに確かめています", "Asking the chain"), () => this.look());
  }

  /** The plan as a file for a machine without network: with gas and nonces. */
  async savedPlan(): Promise<string> {
    const plan = this.survey?.plan;
    if (plan === undefined) throw new Refusal("計画がありません", "there is no plan");
    return planFile(await withNonces(this.chain, plan));
  }

  /** Ask the chain again if another officer has decided something about this list meanwhile. */
  async notice(): Promise<void> {
    const { seat, survey, busy } = this;
    if (seat === undefined || survey === undefined || busy !== undefined) return;
    try {
      const standing = await standingOf(seat.desk, survey.watched);
      if (standing !== survey.standing && this.survey === survey)
        // What is shown stays until there is something else: a passphrase may be half typed.
        await this.doing(both("チェーンに確かめています", "Asking the chain"), () => this.look(survey));
    } catch {
      // Without a line nothing is noticed: whatever is sent next says so.
    }
  }

  private async look(shown?: Survey): Promise<void> {
    const { file, seat } = this;
    [this.survey, this.faults, this.advice] = [shown, [], []];
    if (file === undefined || seat === undefined) return;
    try {
      this.survey = await survey(seat.desk, file, this.chosen);
    } catch (error) {
      if (!(error instanceof BadRows)) throw error;
      this.survey = undefined;
      [this.faults, this.advice] = [error.faults, error.advice];
    }
  }

  private async openPlan(content: string): Promise<void> {
    const found = await readPlan(content);
    const plan = planIn(found);
    requireChain(plan, this.chain.book);
    const { seat } = this;
    if (seat === undefined || plan.municipality !== seat.desk.code)
      throw new Refusal("別の自治体の計画です", "the plan is another municipality's");
    const proposal = await this.proposalFor(plan);
    this.opened = { plan: found, ...(proposal === undefined ? {} : { proposal }) };
  }

  /** The open proposal of just what a plan proposes, if this officer can approve it. */
  private async proposalFor(plan: Plan): Promise<number | undefined> {
    const { seat } = this;
    const [only, ...more] = plan.calls;
    if (seat === undefined || only === undefined || more.length > 0) return undefined;
    const decoded = decodedCall(this.chain.book, only);
    if (decoded.hash === undefined || !seat.offices.includes(Role.ProgrammeApprover)) return undefined;
    const events = await this.chain.logs(
      "Officers",
      seat.desk.officers,
      ["ActProposed"],
      seat.desk.firstBlock,
      {
        municipality: BigInt(seat.desk.code),
      },
    );
    for (const { args } of events.reverse()) {
      const proposal = await proposalOf(seat.desk, Number(args.proposalId));
      const isOpen = proposal.state === 1 && proposal.proposer !== seat.desk.officer;
      if (isOpen && proposal.dataHash === decoded.hash) return proposal.number;
    }
    return undefined;
  }

  // ----------------------------------------------------------------------------------------------- SENDING

  /** Open the key for the next few minutes. Throws a Refusal if the passphrase is wrong. */
  async unlock(passphrase: string, progress?: KeyProgress): Promise<void> {
    if (this.seat === undefined) throw new Refusal("鍵ファイルを選んでください", "choose a keystore");
    this.key = await openKey(this.seat.keystore, passphrase, progress);
    clearTimeout(this.locking);
    this.locking = setTimeout(() => this.lock(), OPEN_MILLISECONDS);
    this.changed();
  }

  lock(): void {
    this.key = undefined;
    this.changed();
  }

  /** Sign and send this step of the plan; what the step after it is, the chain is asked then. */
  goOn(): Promise<void> {
    return this.doing(both("送信しています", "Sending"), async () => {
      const { seat, file, key, survey } = this;
      if (seat === undefined || file === undefined || key === undefined || survey === undefined) return;
      await this.journal.keep({ code: seat.desk.code, chosen: this.chosen, file });
      await this.settle();
      const tried = new Set<string>();
      for (await this.look(); this.survey?.step === survey.step; await this.look()) {
        const calls = this.survey.plan.calls.filter((call) => !tried.has(call.data));
        if (calls.length === 0) break;
        await this.send({ ...this.survey.plan, calls }, key, tried);
      }
      this.progress = undefined;
      if (this.survey?.step === "done") await this.journal.forget();
    });
  }

  /** End a proposal: of this officer's own, or as an Admin. */
  withdraw(proposal: Proposal): Promise<void> {
    return this.doing(both("取り下げを送信しています", "Sending the withdrawal"), async () => {
      const { seat, key, survey } = this;
      if (seat === undefined || key === undefined || survey === undefined) return;
      await this.send({ ...survey.plan, calls: [withdrawal(seat.desk, proposal)] }, key, new Set());
      await this.look();
    });
  }

  /** Approve what an opened plan proposes: the very call, by its hash. */
  approveOpened(): Promise<void> {
    return this.doing(both("承認を送信しています", "Sending the approval"), async () => {
      const { opened, seat, key } = this;
      const call = opened && planIn(opened.plan).calls[0];
      const act = call && actIn(this.chain.book, call);
      if (seat === undefined || opened?.proposal === undefined || !call || !act || !key) return;
      const data = encodeFunctionData({
        abi: this.chain.abi("Officers"),
        functionName: "approve",
        args: [opened.proposal, act],
      });
      const approval: PlannedCall = {
        ...call,
        contract: "Officers",
        to: getAddress(seat.desk.officers),
        sender: seat.desk.officer,
        data,
        gas: 0,
        nonce: UNKNOWN_NONCE,
      };
      await this.send({ ...planIn(opened.plan), calls: [approval] }, key, new Set());
      this.opened = { plan: opened.plan, isApproved: true };
      this.progress = undefined;
    });
  }

  /** Sign an opened plan without sending it, for a machine that sees the chain (scripts.plan relay). */
  async signedOpened(): Promise<string | undefined> {
    let text: string | undefined;
    await this.doing(both("署名しています", "Signing"), async () => {
      if (this.opened === undefined || this.key === undefined) return;
      text = await signedFile(await signPlan(planIn(this.opened.plan), this.key));
    });
    return text;
  }

  private async send(plan: Plan, key: LocalAccount, tried: Set<string>): Promise<void> {
    const all = this.survey?.rows ?? plan.calls.reduce((sum, call) => sum + call.rows, 0);
    const isRun = plan.calls.every((call) => call.contract === "GrantProgrammes");
    let rows = isRun ? (this.survey?.granted ?? 0) : 0;
    const [before, beganAt] = [rows, Date.now()];
    const show = () => {
      if (isRun) this.progress = { rows, of: all, beganAt, before };
      this.busy = isRun ? both("付与しています", "Granting") : both("送信しています", "Sending");
      this.changed();
    };
    for (const call of plan.calls) {
      show();
      tried.add(call.data);
      await this.sendOne(plan, call, key);
      rows += call.rows;
    }
    show();
  }

  /** One transaction: signed, in the journal, sent, seen mined. One at a time, so that none is lost in a node's queue. */
  private async sendOne(plan: Plan, call: PlannedCall, key: LocalAccount): Promise<void> {
    const { calls } = await withNonces(this.chain, { ...plan, calls: [call] });
    const [ready] = calls;
    if (ready === undefined) return;
    const { raw, hash } = await signCall(plan, ready, key);
    const entry = { kind: "signed", hash, raw, nonce: ready.nonce, sender: ready.sender } as const;
    await this.journal.append(entry);
    await submit(this.chain, entry);
    await this.awaited(entry);
  }

  private async awaited(entry: SignedCall): Promise<void> {
    const receipt = await awaitReceipt(this.chain, entry);
    // Without one, its number was used by another transaction: the chain is asked what is left to do.
    await this.journal.append({
      kind: "settled",
      hash: entry.hash,
      block: Number(receipt?.blockNumber ?? 0),
    });
    if (receipt === undefined) return;
    this.sent++;
    if (receipt.status !== "success") throw new ChainRefusal("", {});
  }

  /** Ask after transactions that this browser signed and did not see mined; hand them over once more. */
  private async settle(): Promise<void> {
    for (const entry of await this.journal.unsettled()) {
      await submit(this.chain, entry);
      await this.awaited(entry);
    }
  }

  /** Take up the file that was at work when this browser was closed, if it is this officer's municipality's. */
  private async resume(): Promise<void> {
    const work = await this.journal.work();
    if (work === undefined || work.code !== this.seat?.desk.code || this.file !== undefined) return;
    [this.file, this.chosen] = [work.file, work.chosen];
    this.interrupted = undefined;
    await this.settle();
    await this.look();
  }

  /** Put the file at work away for good; what was granted stays granted. */
  async forget(): Promise<void> {
    await this.journal.forget();
    this.interrupted = undefined;
    this.clear();
    this.changed();
  }

  private clear(): void {
    [this.file, this.survey, this.opened, this.progress, this.faults] = [
      undefined,
      undefined,
      undefined,
      undefined,
      [],
    ];
    [this.chosen, this.sent, this.advice] = [{}, 0, []];
  }

  /** One thing after the other: what is asked for meanwhile waits for its turn. */
  private doing(what: Bilingual, work: () => Promise<void>): Promise<void> {
    const turn = this.turn.then(async () => {
      [this.busy, this.problem] = [what, undefined];
      this.changed();
      try {
        await work();
      } catch (error) {
        this.problem = error as Error;
        this.progress = undefined;
        if (!(error instanceof Refusal)) console.info(error);
      } finally {
        this.busy = undefined;
        this.changed();
      }
    });
    this.turn = turn;
    return turn;
  }
}

function accountOf(keystore: Keystore): Address {
  if (!keystore.address)
    throw new Refusal("口座の書かれていない鍵ファイルです", "the keystore names no account");
  return getAddress(`0x${keystore.address.replace(/^0x/, "")}`);
}
