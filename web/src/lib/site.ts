// What the site was published with: the address of a node, and the contract book. Both lie beside the pages.
import { type ContractBook, readBook } from "./book";
import { Refusal } from "./refusal";

export interface Site {
  /** JSON-RPC of the node; the content security policy allows no other address. */
  readonly rpc: string;
  readonly book: ContractBook;
}

export async function loadSite(): Promise<Site> {
  const [settings, book] = await Promise.all([file("site.json"), file("contracts.json")]);
  return { rpc: (settings as { rpc: string }).rpc, book: readBook(book) };
}

async function file(name: string): Promise<unknown> {
  const answer = await fetch(`./${name}`).catch(() => undefined);
  if (!answer?.ok)
    throw new Refusal(
      `${name} がありません。サイトの公開者にお尋ねください。`,
      `${name} is missing: ask whoever publishes this site.`,
    );
  return answer.json();
}
