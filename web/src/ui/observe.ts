import { useLayoutEffect, useReducer } from "preact/hooks";
import type { Observed } from "@/lib/observed";

/** Draw a component again whenever one of these changes. */
export function useObserved(...things: Observed[]): void {
  const [, redraw] = useReducer((count: number, _: undefined) => count + 1, 0);
  // At once, not after painting: what changes in between would never be drawn.
  useLayoutEffect(() => {
    const ends = things.map((thing) => thing.observe(() => redraw(undefined)));
    return () => {
      for (const end of ends) end();
    };
  }, things);
}
