// Asks a node: views, events, blocks; and says in which way it failed.
//
//   const chain = new Chain(site);
//   await chain.require();                                        // this very chain, by its genesis
//   await chain.read("MunicipalPoint", series, "balanceOf", [account]);
import {
  type Abi,
  type AbiEvent,
  type Address,
  BaseError,
  type Client,
  ContractFunctionRevertedError,
  createClient,
  decodeErrorResult,
  type Hex,
  HttpRequestError,
  http,
  type Log,
  TimeoutError,
} from "viem";
import { getBlock, getBlockNumber, getChainId, getLogs, readContract } from "viem/actions";
import type { ContractBook, ContractName } from "./book";
import { Refusal } from "./refusal";
import { sentenceOf, unknownRefusal } from "./sentences";
import type { Site } from "./site";

/** A customer waits meanwhile. */
const TIMEOUT_MILLISECONDS = 8_000;
const FIRST_SPAN = 2_000n;
const LONGEST_SPAN = 500_000n;

// biome-ignore lint/suspicious/noExplicitAny: the ABI comes with the book at run time; whoever asks knows what is answered
export type FromAbi = any;

export interface ReadLog {
  readonly name: string;
  readonly args: FromAbi;
  readonly block: number;
  readonly index: number;
  readonly transaction: Hex;
}

/** The chain refused a call; `name` is the custom error. */
export class ChainRefusal extends Refusal {
  constructor(
    readonly name: string,
    args: Readonly<Record<string, unknown>>,
  ) {
    const sentence = name === "" ? unknownRefusal : sentenceOf(name, args);
    super(sentence.ja, sentence.en);
  }
}

export class Chain {
  readonly client: Client;
  readonly book: ContractBook;
  private readonly times = new Map<number, number>();
  private isKnown = false;

  constructor(readonly site: Site) {
    this.book = site.book;
    this.client = createClient({
      transport: http(site.rpc, {
        retryCount: 0,
        timeout: TIMEOUT_MILLISECONDS,
        batch: { batchSize: 50, wait: 2 },
      }),
    });
  }

  /** Refuse another chain than the book's. */
  async require(): Promise<void> {
    if (this.isKnown) return;
    const [id, genesis] = await Promise.all([
      getChainId(this.client),
      getBlock(this.client, { blockNumber: 0n }),
    ]);
    if (id !== this.book.chain_id || genesis.hash !== this.book.genesis)
      throw new Refusal(
        `接続先は契約一覧と別のチェーン(${id})です`,
        `the node is of another chain (${id}) than the file of contracts`,
      );
    this.isKnown = true;
  }

  abi(contract: ContractName): Abi {
    return this.book.abis[contract];
  }

  /** A service that the council offers; undefined if it offers none. */
  service(name: ContractName): Address | undefined {
    return this.book.services[name];
  }

  async read(
    contract: ContractName,
    address: Address,
    functionName: string,
    args: readonly unknown[] = [],
    block?: number,
  ): Promise<FromAbi> {
    return this.asking(() =>
      readContract(this.client, {
        abi: this.abi(contract),
        address,
        functionName,
        args,
        ...(block === undefined ? {} : { blockNumber: BigInt(block) }),
      }),
    );
  }

  /** What a call to the chain answers; a revert becomes a ChainRefusal, every other error stays what it is. */
  async asking<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    try {
      return await ask();
    } catch (error) {
      const data = revertDataOf(error);
      if (data === undefined) throw error;
      throw this.refusal(data);
    }
  }

  refusal(data: Hex): ChainRefusal {
    for (const abi of Object.values(this.book.abis)) {
      try {
        const { errorName, args, abiItem } = decodeErrorResult({ abi, data });
        const names = "inputs" in abiItem ? abiItem.inputs.map((input) => input.name ?? "") : [];
        const values = (args ?? []) as readonly unknown[];
        if (errorName === "Panic") return new ChainRefusal(errorName, { code: values[0] });
        return new ChainRefusal(
          errorName,
          Object.fromEntries(names.map((name, place) => [name, values[place]])),
        );
      } catch {
        // not of this contract
      }
    }
    return new ChainRefusal("", {});
  }

  async height(): Promise<number> {
    return Number(await getBlockNumber(this.client, { cacheTime: 0 }));
  }

  /** Number and time of the latest block. */
  async head(): Promise<{ number: number; at: number }> {
    const block = await getBlock(this.client);
    return { number: Number(block.number), at: Number(block.timestamp) };
  }

  /** The time of a block. */
  async timeOf(block: number): Promise<number> {
    const known = this.times.get(block);
    if (known !== undefined) return known;
    const at = Number((await getBlock(this.client, { blockNumber: BigInt(block) })).timestamp);
    this.times.set(block, at);
    return at;
  }

  /** The first block from `first` on that is not before a second; the latest if there is none. */
  async blockAt(timestamp: number, first: number): Promise<number> {
    let [low, high] = [first, await this.height()];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((await this.timeOf(middle)) < timestamp) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * Events of a contract in chain order, in block ranges as long as the node lets them be.
   * `wanted` holds values of indexed arguments; all `names` must have them.
   */
  async logs(
    contract: ContractName,
    address: Address,
    names: readonly string[],
    first: number,
    wanted: Readonly<Record<string, unknown>> = {},
    last?: number,
  ): Promise<ReadLog[]> {
    const events = this.abi(contract).filter(
      (entry): entry is AbiEvent => entry.type === "event" && names.includes(entry.name),
    );
    const found: ReadLog[] = [];
    for (const group of Object.keys(wanted).length > 0 ? events.map((event) => [event]) : [events]) {
      let [from, span] = [BigInt(first), FIRST_SPAN];
      const end = BigInt(last ?? (await this.height()));
      while (from <= end) {
        const to = from + span - 1n < end ? from + span - 1n : end;
        const place = { address, fromBlock: from, toBlock: to, strict: true } as const;
        try {
          const [only] = group;
          const logs: Log[] =
            Object.keys(wanted).length > 0 && only
              ? ((await getLogs(this.client, { ...place, event: only, args: wanted as never })) as Log[])
              : ((await getLogs(this.client, { ...place, events: group })) as Log[]);
          found.push(...logs.map(asReadLog));
        } catch (error) {
          if (isLineError(error) || span === 1n) throw error;
          span = span / 8n || 1n;
          continue;
        }
        from = to + 1n;
        span = span * 2n < LONGEST_SPAN ? span * 2n : LONGEST_SPAN;
      }
    }
    return found.sort((a, b) => a.block - b.block || a.index - b.index);
  }
}

/** Whether an error says that there is no line to the node. */
export function isLineError(error: unknown): boolean {
  if (!(error instanceof BaseError)) return false;
  return error.walk((cause) => cause instanceof HttpRequestError || cause instanceof TimeoutError) !== null;
}

function revertDataOf(error: unknown): Hex | undefined {
  if (!(error instanceof BaseError)) return undefined;
  const reverted = error.walk((cause) => cause instanceof ContractFunctionRevertedError);
  if (reverted instanceof ContractFunctionRevertedError && reverted.raw) return reverted.raw;
  let data: unknown;
  error.walk((cause) => {
    const held = (cause as { data?: unknown }).data;
    const found = typeof held === "object" && held !== null && "data" in held ? held.data : held;
    if (typeof found === "string" && found.startsWith("0x")) data = found;
    return false;
  });
  return data as Hex | undefined;
}

function asReadLog(log: Log): ReadLog {
  const { eventName, args } = log as Log & { eventName: string; args: unknown };
  return {
    name: eventName,
    args,
    block: Number(log.blockNumber),
    index: log.logIndex ?? 0,
    transaction: log.transactionHash ?? "0x",
  };
}
