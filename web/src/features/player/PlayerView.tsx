// A recording with everything to play it.

import { useEffect, useRef } from "react";
import { Failure } from "@/ui/Emptiness";
import { STEP_MS, usePlayerKeys } from "@/ui/Playback";
import { Controls } from "./Controls";
import type { Player } from "./player";
import type { Look } from "./screen";
import { usePlayer } from "./usePlayer";

/** What keys do, unless they belong to something else. */
const KEYS: Readonly<Record<string, (player: Player) => void>> = {
  " ": (player) => player.toggle(),
  k: (player) => player.toggle(),
  ArrowLeft: (player) => player.seekBy(-STEP_MS),
  ArrowRight: (player) => player.seekBy(STEP_MS),
  Home: (player) => player.seek(0),
  End: (player) => player.seek(Number.POSITIVE_INFINITY),
};

/** See the top of the file. `fetch` and `look` have to be the same as long as they mean the same. */
export function PlayerView({
  fetch,
  look,
  atSeconds,
  plays,
  onMoment,
}: {
  readonly fetch: (signal: AbortSignal) => Promise<Response>;
  readonly look: Look;
  /** Where to begin, in seconds of the recording's own time. */
  readonly atSeconds: number | undefined;
  /** Whether it begins to play by itself where no moment is wanted. */
  readonly plays: boolean;
  /** Somebody stopped or went somewhere: at this second of the recording's own time. */
  readonly onMoment: (seconds: number) => void;
}) {
  const place = useRef<HTMLDivElement>(null);
  const { player, playing, problem } = usePlayer(place, fetch, look, { atSeconds, plays });
  usePlayerKeys(player, KEYS);
  const { isPlaying, isSeeking, isLoading, duration, exit, recorded } = playing;
  const isStill = !isPlaying && !isSeeking && duration > 0;
  const second = Math.floor(recorded / 1000);
  useEffect(() => {
    if (isStill) onMoment(second);
  }, [isStill, second, onMoment]);
  const isEmpty = !isLoading && duration === 0;
  const isNothing = problem !== undefined && duration === 0;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="relative min-h-0 flex-1 p-2" style={{ background: look.theme().background }}>
        <section
          ref={place}
          aria-label="Recorded screen"
          className="h-full overflow-auto [&_.xterm]:mx-auto [&_.xterm]:w-fit"
        />
        <p role="status" className="absolute top-2 right-3 text-small">
          {isSeeking && <Note>Going there</Note>}
          {!isSeeking && isLoading && duration === 0 && !isNothing && <Note>Loading</Note>}
          {exit !== undefined && <Note>{`Ended with exit ${exit}`}</Note>}
          {isEmpty && <Note>Nothing was printed</Note>}
        </p>
        {isNothing && (
          <div className="absolute inset-0 flex bg-ground">
            <Failure error={problem} />
          </div>
        )}
      </div>
      {problem !== undefined && !isNothing && (
        <p role="alert" className="border-t bg-warn-soft px-4 py-1.5 text-warn">
          The rest of the recording could not be loaded. Reload the page to try again.
        </p>
      )}
      {player !== undefined && !isNothing && <Controls player={player} playing={playing} />}
    </div>
  );
}

const Note = ({ children }: { readonly children: string }) => (
  <span className="rounded-sm border bg-raised px-2 py-1 text-muted shadow-float">{children}</span>
);
