import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** Take the focus to an element whenever `step` changes: the button that was tapped is gone by then. */
export function useFocusAt<Kind extends HTMLElement>(step: unknown): RefObject<Kind | null> {
  const place = useRef<Kind>(null);
  const before = useRef(step);
  useEffect(() => {
    if (before.current !== step) place.current?.focus();
    before.current = step;
  }, [step]);
  return place;
}
