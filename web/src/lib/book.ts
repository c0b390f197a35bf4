// The contract book that `python -m scripts.contract_book` writes: where a council's contracts are, with their ABIs.
// It is published beside the pages (contracts.json): whoever publishes them vouches for both.
import type { Abi, Address, Hex } from "viem";
import { Refusal } from "./refusal";

export type ContractName =
  | "MunicipalPoint"
  | "PointPlatform"
  | "Officers"
  | "ResidentRegistry"
  | "MerchantSettlement"
  | "PartnerExchange"
  | "GrantProgrammes"
  | "PaymentBonus";

/** One series of points; `block` is where its events begin, or a block before. */
export interface BookedSeries {
  readonly address: Address;
  readonly municipality: number;
  readonly town: string;
  readonly name: string;
  readonly symbol: string;
  readonly block: number;
}

export interface ContractBook {
  readonly chain_id: number;
  readonly genesis: Hex;
  readonly platform: Address;
  readonly officers: Address;
  readonly residents: Address;
  readonly services: Readonly<Partial<Record<ContractName, Address>>>;
  readonly series: readonly BookedSeries[];
  readonly abis: Readonly<Record<ContractName, Abi>>;
}

const FORM = "jichitai-points contracts 1";

export function readBook(content: unknown): ContractBook {
  const book = content as ContractBook & { form?: string };
  if (book?.form !== FORM || !Array.isArray(book.series) || !book.abis?.MunicipalPoint)
    throw new Refusal("契約一覧ではありません", "this is no file of contracts");
  return book;
}

export function seriesAt(book: ContractBook, address: string): BookedSeries {
  const found = book.series.find((each) => each.address.toLowerCase() === address.toLowerCase());
  if (!found) throw new Refusal("この協議会のポイントではありません", "this is no series of this council");
  return found;
}

/** A municipality's code as people write it: six digits. */
export function codeText(municipality: number): string {
  return String(municipality).padStart(6, "0");
}
