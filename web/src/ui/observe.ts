import { useEffect, useReducer } from "preact/hooks";
import type { Observed } from "@/lib/observed";

/** Draw a component again whenever one of these changes. */
export function useObserved(...things: Observed[]): void {
  const [, redraw] = useReducer((count: number, _: undefined) => count + 1, 0);
  useEffect(() => {
    const ends = things.map((thing) => thing.observe(() => redraw(undefined)));
    return () => {
      for (const end of ends) end();
    };
  }, things);
}
