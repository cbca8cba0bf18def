// Something that takes its time and may fail, as a dialog does it: busy meanwhile, and then what went wrong.

import { useCallback, useState } from "react";

/** An attempt, and how the last one ended. */
export interface Attempt {
  readonly isBusy: boolean;
  /** What went wrong, in words; absent while it is tried, and when nothing did. */
  readonly problem: string | undefined;
  /** Does it. What it throws is the problem; nothing is thrown further. */
  readonly attempt: (act: () => Promise<unknown> | unknown) => Promise<void>;
  /** Forgets what went wrong. */
  readonly clear: () => void;
}

/** What is thrown, as it was said. */
const asSaid = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Begins without an attempt. `words` says a failure to people, and `first` is what is said before any. */
export function useAttempt(
  words: (error: unknown) => string = asSaid,
  first?: string | undefined,
): Attempt {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState(first);
  const attempt = async (act: () => Promise<unknown> | unknown) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await act();
    } catch (error) {
      setProblem(words(error));
    } finally {
      setBusy(false);
    }
  };
  const clear = useCallback(() => setProblem(undefined), []);
  return { isBusy, problem, attempt, clear };
}
