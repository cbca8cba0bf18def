// Buttons, time and bar of a player.

import { Button } from "@/ui/Button";
import { MomentBar, PlayButton, PlayedTime, SpeedMenu } from "@/ui/Playback";
import type { Player, Playing } from "./player";

const SPEEDS = [0.5, 1, 2, 4, 8, 16];

/** The row below the screen. */
export function Controls({
  player,
  playing,
}: {
  readonly player: Player;
  readonly playing: Playing;
}) {
  const { isPlaying, isLoading, position, duration, speed, cutsPauses } = playing;
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1 border-t bg-surface px-3 py-1.5">
      <PlayButton
        isPlaying={isPlaying}
        isAtEnd={!isLoading && position >= duration}
        onPress={() => player.toggle()}
      />
      <PlayedTime position={position} duration={duration} isGrowing={isLoading} />
      <MomentBar
        position={position}
        duration={duration}
        disabled={duration === 0 && isLoading}
        marks={player.markers}
        onSeek={(moment) => player.seek(moment)}
      />
      <span className="flex items-center gap-1 max-sm:ml-auto">
        <SpeedMenu speed={speed} speeds={SPEEDS} onChange={(one) => player.setSpeed(one)} />
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
