// Values that change faster than it is worth following.

import { useEffect, useRef, useState } from "react";

/** A value as it was at most `everyMs` ago: at once after quiet, then no more often than that. */
export function useSettled<T>(value: T, everyMs: number): T {
  const [settled, setSettled] = useState(value);
  const next = useRef<{ value: T; at: number; timer?: ReturnType<typeof setTimeout> | undefined }>({
    value,
    at: 0,
  });
  next.current.value = value;
  useEffect(() => {
    const state = next.current;
    if (Object.is(value, settled) || state.timer !== undefined) return;
    const wait = state.at + everyMs - performance.now();
    state.timer = setTimeout(
      () => {
        state.timer = undefined;
        state.at = performance.now();
        setSettled(() => state.value);
      },
      Math.max(0, wait),
    );
  });
  useEffect(() => {
    const state = next.current;
    return () => {
      clearTimeout(state.timer);
      state.timer = undefined;
    };
  }, []);
  return settled;
}
