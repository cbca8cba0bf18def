// A recording with everything to play it: the picture, a button, the moment, the speed.

import type { RecordedPicture } from "pilothouse-client";
import { useEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import { Empty } from "@/ui/Emptiness";
import {
  MomentBar,
  PlayButton,
  PlayedTime,
  SpeedMenu,
  STEP_MS,
  usePlayerKeys,
} from "@/ui/Playback";
import { type FetchPicture, Reel, type Reeling, SPEEDS } from "./reel";

const CLOCK = {
  now: () => performance.now(),
  frame: (call: () => void) => {
    const frame = requestAnimationFrame(call);
    return () => cancelAnimationFrame(frame);
  },
};

/** See the top of the file. `fetch` has to be the same function for the same recording. */
export function ReelView({
  pictures,
  durationMs,
  fetch,
  label,
}: {
  readonly pictures: readonly RecordedPicture[];
  readonly durationMs: number;
  readonly fetch: FetchPicture;
  readonly label: string;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [reel, setReel] = useState<Reel>();
  /** Where the reel before was: a recording that grew goes on from there. */
  const left = useRef<{ readonly fetch: FetchPicture; readonly at: Reeling }>(undefined);
  useEffect(() => {
    const draw = (picture: ImageBitmap) => {
      const on = canvas.current;
      if (on === null) return;
      on.width = picture.width;
      on.height = picture.height;
      on.getContext("2d", { alpha: false })?.drawImage(picture, 0, 0);
    };
    const made = new Reel(pictures, durationMs, fetch, draw, CLOCK);
    setReel(made);
    const at = left.current?.fetch === fetch ? left.current.at : undefined;
    made.setSpeed(at?.speed ?? 1);
    made.seek(at?.position ?? 0);
    if (at?.isPlaying) made.play();
    return () => {
      left.current = { fetch, at: made.state.getState() };
      made.dispose();
    };
  }, [pictures, durationMs, fetch]);
  if (pictures.length === 0) return <Empty title="Nothing was recorded">It has no pictures.</Empty>;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="relative min-h-0 flex-1 bg-black">
        <canvas ref={canvas} role="img" aria-label={label} className="size-full object-contain" />
        {reel !== undefined && <Problem reel={reel} />}
      </div>
      {reel !== undefined && <Controls reel={reel} />}
    </div>
  );
}

function Problem({ reel }: { readonly reel: Reel }) {
  const problem = useStore(reel.state, (state) => state.problem);
  if (problem === undefined) return null;
  return (
    <p
      role="alert"
      className="absolute inset-x-2 top-2 rounded-md border border-warn bg-raised p-2"
    >
      This picture could not be loaded: {problem instanceof Error ? problem.message : ""}
    </p>
  );
}

function Controls({ reel }: { readonly reel: Reel }) {
  const { position, isPlaying, speed, isFetching } = useStore(reel.state);
  const duration = reel.durationMs;
  usePlayerKeys(reel, KEYS);
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1 border-t bg-surface px-3 py-1.5">
      <PlayButton
        isPlaying={isPlaying}
        isAtEnd={position >= duration}
        onPress={() => reel.toggle()}
      />
      <PlayedTime position={position} duration={duration} isBusy={isFetching} />
      <MomentBar position={position} duration={duration} onSeek={(moment) => reel.seek(moment)} />
      <SpeedMenu speed={speed} speeds={SPEEDS} onChange={(one) => reel.setSpeed(one)} />
    </div>
  );
}

/** What keys do, unless they belong to something else. */
const KEYS: Readonly<Record<string, (reel: Reel) => void>> = {
  " ": (reel) => reel.toggle(),
  k: (reel) => reel.toggle(),
  ",": (reel) => reel.step(-1),
  ".": (reel) => reel.step(1),
  ArrowLeft: (reel) => reel.seek(reel.state.getState().position - STEP_MS),
  ArrowRight: (reel) => reel.seek(reel.state.getState().position + STEP_MS),
  Home: (reel) => reel.seek(0),
  End: (reel) => reel.seek(Number.POSITIVE_INFINITY),
};
