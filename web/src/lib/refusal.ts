// What is told in a sentence: somebody asked for what cannot be.
import type { Bilingual } from "./bilingual";

export class Refusal extends Error {
  constructor(
    readonly ja: string,
    readonly en: string,
  ) {
    super(`${en} / ${ja}`);
  }

  static of(reason: Bilingual): Refusal {
    return new Refusal(reason.ja, reason.en);
  }
}
