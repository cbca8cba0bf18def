// Keys that keyboards on screens do not have, above them. Only where fingers are used.

import {
  ArrowDown,
  ArrowLeft,
  ArrowRight,
  ArrowUp,
  ClipboardPaste,
  KeyboardOff,
} from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { classes } from "@/ui/classes";
import type { Held, ScreenKey } from "./keyboard";
import type { WorkerTerminal } from "./terminal";

/** What its keys do. */
type Acts = Pick<WorkerTerminal, "press" | "hold" | "pasteClipboard" | "hideKeyboard">;

interface BarKey {
  readonly label: string;
  readonly shows: ReactNode;
  readonly types: ScreenKey;
  /** Whether it is pressed again and again while it is held. */
  readonly repeats?: boolean;
}

const text = (label: string, typed: string, shows?: string): BarKey => ({
  label,
  shows: shows ?? label,
  types: { kind: "text", text: typed },
});

const cursor = (label: string, letter: "A" | "B" | "C" | "D" | "H" | "F", shows: ReactNode) => ({
  label,
  shows,
  types: { kind: "cursor", letter } as const,
  repeats: letter !== "H" && letter !== "F",
});

const ICON = "size-4";

const FIRST: readonly BarKey[] = [text("Esc", "\u001b"), text("Tab", "\t")];

const REST: readonly BarKey[] = [
  cursor("Left", "D", <ArrowLeft aria-hidden className={ICON} />),
  cursor("Up", "A", <ArrowUp aria-hidden className={ICON} />),
  cursor("Down", "B", <ArrowDown aria-hidden className={ICON} />),
  cursor("Right", "C", <ArrowRight aria-hidden className={ICON} />),
  text("Control C", "\u0003", "^C"),
  text("Control D", "\u0004", "^D"),
  text("Control Z", "\u001a", "^Z"),
  text("Bar", "|", "|"),
  text("Tilde", "~", "~"),
  text("Slash", "/", "/"),
  text("Minus", "-", "-"),
  cursor("Home", "H", "Home"),
  cursor("End", "F", "End"),
  { label: "PgUp", shows: "PgUp", types: { kind: "page", number: 5 }, repeats: true },
  { label: "PgDn", shows: "PgDn", types: { kind: "page", number: 6 }, repeats: true },
];

/** A key that is held is pressed again after so long, and then so often. */
const REPEAT = { afterMs: 400, everyMs: 70 } as const;

const KEY =
  "flex h-10 min-w-10 shrink-0 items-center justify-center rounded-md border border-line bg-surface px-2 font-mono text-small text-ink select-none active:bg-accent-soft";

/** See the top of the file. */
export function KeyBar({ terminal, held }: { readonly terminal: Acts; readonly held: Held }) {
  return (
    <div
      role="toolbar"
      aria-label="Keys"
      className="hidden gap-1 overflow-x-auto border-t bg-sunken p-1 [scrollbar-width:none] touch:flex"
    >
      {FIRST.map((key) => (
        <Key key={key.label} {...key} onPress={() => terminal.press(key.types)} />
      ))}
      <Holding label="Ctrl" isHeld={held.ctrl} onToggle={() => terminal.hold("ctrl")} />
      <Holding label="Alt" isHeld={held.alt} onToggle={() => terminal.hold("alt")} />
      {REST.map((key) => (
        <Key key={key.label} {...key} onPress={() => terminal.press(key.types)} />
      ))}
      <Key
        label="Paste"
        shows={<ClipboardPaste aria-hidden className={ICON} />}
        onPress={() => void terminal.pasteClipboard()}
      />
      <Key
        label="Hide the keyboard"
        shows={<KeyboardOff aria-hidden className={ICON} />}
        onPress={() => terminal.hideKeyboard()}
      />
    </div>
  );
}

/** A key that leaves the focus where it is, so that the keyboard stays. */
function Key({
  label,
  shows,
  repeats = false,
  onPress,
}: {
  readonly label: string;
  readonly shows: ReactNode;
  readonly repeats?: boolean;
  readonly onPress: () => void;
}) {
  const stop = useRef(() => {});
  useEffect(() => () => stop.current(), []);
  const begin = () => {
    if (!repeats) return;
    stop.current();
    let every: ReturnType<typeof setInterval> | undefined;
    const first = setTimeout(() => {
      every = setInterval(onPress, REPEAT.everyMs);
    }, REPEAT.afterMs);
    stop.current = () => {
      clearTimeout(first);
      clearInterval(every);
    };
  };
  const end = () => stop.current();
  return (
    <button
      type="button"
      aria-label={label}
      className={KEY}
      onMouseDown={(event) => event.preventDefault()}
      onPointerDown={begin}
      onPointerUp={end}
      onPointerLeave={end}
      onPointerCancel={end}
      onContextMenu={(event) => event.preventDefault()}
      onClick={onPress}
    >
      {shows}
    </button>
  );
}

function Holding({
  label,
  isHeld,
  onToggle,
}: {
  readonly label: string;
  readonly isHeld: boolean;
  readonly onToggle: () => void;
}) {
  return (
    <button
      type="button"
      aria-pressed={isHeld}
      aria-label={`${label}, for the next key`}
      className={classes(KEY, isHeld && "border-accent bg-accent-soft text-accent-ink")}
      onMouseDown={(event) => event.preventDefault()}
      onClick={onToggle}
    >
      {label}
    </button>
  );
}
