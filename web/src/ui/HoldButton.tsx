// A button that has to be held: quick for whoever means it, out of reach of a slip.

import { type ReactNode, useEffect, useRef, useState } from "react";
import { Button } from "./Button";
import { classes } from "./classes";

/** How long it has to be held. */
const HOLD_MS = 1000;

/** The button. Screen readers press it as any other. */
export function HoldButton({
  children,
  holdMs = HOLD_MS,
  isBusy = false,
  onHeld,
  className,
}: {
  readonly children: ReactNode;
  readonly holdMs?: number;
  readonly isBusy?: boolean;
  readonly onHeld: () => void;
  readonly className?: string;
}) {
  const [isHeld, setHeld] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const release = () => {
    clearTimeout(timer.current);
    timer.current = undefined;
    setHeld(false);
  };
  const hold = () => {
    if (timer.current !== undefined) return;
    setHeld(true);
    timer.current = setTimeout(() => {
      release();
      onHeld();
    }, holdMs);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <Button
      kind="danger"
      isBusy={isBusy}
      className={classes("relative touch-none overflow-hidden", className)}
      onPointerDown={(event) => event.button === 0 && hold()}
      onPointerUp={release}
      onPointerLeave={release}
      onPointerCancel={release}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (event.key !== " " && event.key !== "Enter") return;
        event.preventDefault();
        // A key that is still down from what led here does not count.
        if (!event.repeat) hold();
      }}
      onKeyUp={(event) => {
        event.preventDefault();
        release();
      }}
      onClick={({ detail }) => {
        // Pressed by a screen reader: neither a pointer nor a key did it.
        if (detail === 0) onHeld();
      }}
      onBlur={release}
    >
      <span
        aria-hidden
        className="absolute inset-0 origin-left bg-black/35"
        style={{
          transform: isHeld ? "scaleX(1)" : "scaleX(0)",
          transition: isHeld ? `transform ${holdMs}ms linear` : "none",
        }}
      />
      <span className="relative">{children}</span>
    </Button>
  );
}
