// What players have around their picture: play and pause, the moment and a bar to go to another, the speed, and keys.

import { Pause, Play, RotateCcw } from "lucide-react";
import { useEffect } from "react";
import { Button, IconButton } from "./Button";
import { Menu, MenuChoice, MenuChoices } from "./Menu";
import { clockOf, spokenOf } from "./spans";
import { isWriting } from "./writing";

/** How far the arrow keys go. */
export const STEP_MS = 5000;

/** Begins, stops, or begins anew at the end. */
export function PlayButton({
  isPlaying,
  isAtEnd,
  onPress,
}: {
  readonly isPlaying: boolean;
  readonly isAtEnd: boolean;
  readonly onPress: () => void;
}) {
  return (
    <IconButton label={isPlaying ? "Pause" : isAtEnd ? "Play again" : "Play"} onClick={onPress}>
      {isPlaying && <Pause aria-hidden className="size-4" />}
      {!isPlaying && !isAtEnd && <Play aria-hidden className="size-4" />}
      {!isPlaying && isAtEnd && <RotateCcw aria-hidden className="size-4" />}
    </IconButton>
  );
}

/** The moment, and how long it all is; `isGrowing` if more is still to come. */
export function PlayedTime({
  position,
  duration,
  isBusy = false,
  isGrowing = false,
}: {
  readonly position: number;
  readonly duration: number;
  readonly isBusy?: boolean;
  readonly isGrowing?: boolean;
}) {
  return (
    <span
      className="tabular text-small whitespace-nowrap text-muted"
      aria-busy={isBusy || undefined}
    >
      <span className="text-ink">{clockOf(position)}</span> / {clockOf(duration)}
      {isGrowing && "+"}
    </span>
  );
}

/** A bar to go to any moment, with marks at some. */
export function MomentBar({
  position,
  duration,
  disabled = false,
  marks = [],
  onSeek,
}: {
  readonly position: number;
  readonly duration: number;
  readonly disabled?: boolean;
  readonly marks?: readonly { readonly moment: number; readonly label: string }[];
  readonly onSeek: (moment: number) => void;
}) {
  return (
    <div className="relative flex min-w-24 flex-1 items-center">
      <input
        type="range"
        aria-label="Moment"
        aria-valuetext={`${spokenOf(position)} of ${spokenOf(duration)}`}
        min={0}
        max={Math.max(duration, 1)}
        step={1}
        value={position}
        disabled={disabled}
        onChange={({ target }) => onSeek(Number(target.value))}
        className="h-7 w-full cursor-pointer accent-accent touch:h-10"
      />
      {marks.map(({ moment, label }) => (
        <span
          key={moment}
          title={label}
          className="pointer-events-none absolute top-1 h-1.5 w-0.5 rounded-full bg-warn"
          style={{ left: `${(moment / Math.max(duration, 1)) * 100}%` }}
        />
      ))}
    </div>
  );
}

/** How fast it goes. */
export function SpeedMenu({
  speed,
  speeds,
  onChange,
}: {
  readonly speed: number;
  readonly speeds: readonly number[];
  readonly onChange: (speed: number) => void;
}) {
  return (
    <Menu
      side="top"
      trigger={
        <Button kind="quiet" size="small" aria-label={`Speed: ${speed}×`}>
          <span className="tabular min-w-6">{speed}×</span>
        </Button>
      }
    >
      <MenuChoices
        label="Speed"
        value={String(speed)}
        onChange={(value) => onChange(Number(value))}
      >
        {speeds.map((one) => (
          <MenuChoice key={one} value={String(one)}>
            {one}×
          </MenuChoice>
        ))}
      </MenuChoices>
    </Menu>
  );
}

/** Whether a key does something of its own where it is pressed. */
function isTaken({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("[role=dialog], [role=menu]") !== null) return true;
  // The bar's own steps are too small for long recordings.
  if (target instanceof HTMLInputElement && target.type === "range") return false;
  // What is played on a terminal's screen takes no keys.
  if (target.closest(".xterm") !== null) return false;
  return isWriting(target) || (key === " " && target.closest("button, a") !== null);
}

/** What keys do to a player, unless they belong to something else. `keys` has to stay the same. */
export function usePlayerKeys<Player>(
  player: Player | undefined,
  keys: Readonly<Record<string, (player: Player) => void>>,
): void {
  useEffect(() => {
    if (player === undefined) return;
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const run = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
      if (run === undefined || isTaken(event)) return;
      event.preventDefault();
      run(player);
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [player, keys]);
}
