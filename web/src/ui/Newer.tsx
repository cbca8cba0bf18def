// New rows of a list that is read further down: they wait until the reader goes up.

import { ArrowUp } from "lucide-react";
import { useState } from "react";
import { Button } from "./Button";

/** Holds back what comes on top while the first row is out of sight. `keys` are those of all rows. */
export function useNewer(keys: readonly string[]) {
  const [held, setHeld] = useState<string>();
  const hidden = held === undefined ? 0 : Math.max(0, keys.indexOf(held));
  return {
    /** How many of the first rows wait. */
    hidden,
    /** For `Rows`. */
    onTop: (isAtTop: boolean) => setHeld(isAtTop ? undefined : keys[hidden]),
    release: () => setHeld(undefined),
  };
}

/** Says how many wait, and shows them. */
export function NewerButton({
  count,
  one,
  many,
  onShow,
}: {
  readonly count: number;
  /** What it is one of, such as "command". */
  readonly one: string;
  readonly many: string;
  readonly onShow: () => void;
}) {
  return (
    <div role="status" className="pointer-events-none absolute inset-x-0 top-9 z-20 text-center">
      {count > 0 && (
        <Button
          size="small"
          className="pointer-events-auto rounded-full! shadow-float"
          icon={<ArrowUp aria-hidden className="size-3.5" />}
          onClick={onShow}
        >
          {count.toLocaleString("en")} new {count === 1 ? one : many}
        </Button>
      )}
    </div>
  );
}
