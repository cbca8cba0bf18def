// Buttons, time and bar of a player.

import { Pause, Play, RotateCcw } from "lucide-react";
import { Button, IconButton } from "@/ui/Button";
import { Menu, MenuChoice, MenuChoices } from "@/ui/Menu";
import { clockOf, spokenOf } from "@/ui/spans";
import type { Player, Playing } from "./player";

const SPEEDS = [0.5, 1, 2, 4, 8, 16];

/** How far the arrow keys go. */
export const STEP_MS = 5000;

function Bar({ player, playing }: { readonly player: Player; readonly playing: Playing }) {
  const { position, duration, isLoading } = playing;
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
        disabled={duration === 0 && isLoading}
        onChange={({ target }) => player.seek(Number(target.value))}
        className="h-7 w-full cursor-pointer accent-accent touch:h-10"
      />
      {player.markers.map(({ moment, label }) => (
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

function Speed({ player, playing }: { readonly player: Player; readonly playing: Playing }) {
  const words = (speed: number) => `${speed}×`;
  return (
    <Menu
      side="top"
      trigger={
        <Button kind="quiet" size="small" aria-label={`Speed: ${words(playing.speed)}`}>
          <span className="tabular min-w-6">{words(playing.speed)}</span>
        </Button>
      }
    >
      <MenuChoices
        label="Speed"
        value={String(playing.speed)}
        onChange={(value) => player.setSpeed(Number(value))}
      >
        {SPEEDS.map((speed) => (
          <MenuChoice key={speed} value={String(speed)}>
            {words(speed)}
          </MenuChoice>
        ))}
      </MenuChoices>
    </Menu>
  );
}

/** The row below the screen. */
export function Controls({
  player,
  playing,
}: {
  readonly player: Player;
  readonly playing: Playing;
}) {
  const { isPlaying, isLoading, position, duration, cutsPauses } = playing;
  const isAtEnd = !isLoading && position >= duration && !isPlaying;
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1 border-t bg-surface px-3 py-1.5">
      <IconButton
        label={isPlaying ? "Pause" : isAtEnd ? "Play again" : "Play"}
        onClick={() => player.toggle()}
      >
        {isPlaying && <Pause aria-hidden className="size-4" />}
        {!isPlaying && !isAtEnd && <Play aria-hidden className="size-4" />}
        {isAtEnd && <RotateCcw aria-hidden className="size-4" />}
      </IconButton>
      <span className="tabular text-small whitespace-nowrap text-muted">
        <span className="text-ink">{clockOf(position)}</span> / {clockOf(duration)}
        {isLoading && "+"}
      </span>
      <Bar player={player} playing={playing} />
      <span className="flex items-center gap-1 max-sm:ml-auto">
        <Speed player={player} playing={playing} />
        <Button
          kind="quiet"
          size="small"
          aria-pressed={cutsPauses}
          title="Pauses of more than 2 s are shown as 2 s"
          onClick={() => player.cutPauses(!cutsPauses)}
          className="aria-pressed:bg-accent-soft aria-pressed:text-accent-ink"
        >
          Skip pauses
        </Button>
      </span>
    </div>
  );
}
