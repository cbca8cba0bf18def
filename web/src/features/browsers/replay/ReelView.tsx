// A recording with everything to play it: the picture, a button, the moment, the speed.

import { Pause, Play, RotateCcw } from "lucide-react";
import type { RecordedPicture } from "pilothouse-client";
import { useEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import { Button, IconButton } from "@/ui/Button";
import { Empty } from "@/ui/Emptiness";
import { Menu, MenuChoice, MenuChoices } from "@/ui/Menu";
import { clockOf, spokenOf } from "@/ui/spans";
import { type FetchPicture, Reel, SPEEDS } from "./reel";

const CLOCK = {
  now: () => performance.now(),
  frame: (call: () => void) => {
    const frame = requestAnimationFrame(call);
    return () => cancelAnimationFrame(frame);
  },
};

/** How far the arrow keys go. */
const STEP_MS = 5000;

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
    made.seek(0);
    return () => made.dispose();
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
  const isAtEnd = position >= duration && !isPlaying;
  useKeys(reel);
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1 border-t bg-surface px-3 py-1.5">
      <IconButton
        label={isPlaying ? "Pause" : isAtEnd ? "Play again" : "Play"}
        onClick={() => reel.toggle()}
      >
        {isPlaying && <Pause aria-hidden className="size-4" />}
        {!isPlaying && !isAtEnd && <Play aria-hidden className="size-4" />}
        {isAtEnd && <RotateCcw aria-hidden className="size-4" />}
      </IconButton>
      <span className="tabular text-small whitespace-nowrap text-muted" aria-busy={isFetching}>
        <span className="text-ink">{clockOf(position)}</span> / {clockOf(duration)}
      </span>
      <input
        type="range"
        aria-label="Moment"
        aria-valuetext={`${spokenOf(position)} of ${spokenOf(duration)}`}
        min={0}
        max={Math.max(duration, 1)}
        step={1}
        value={position}
        onChange={({ target }) => reel.seek(Number(target.value))}
        className="h-7 min-w-24 flex-1 cursor-pointer accent-accent touch:h-10"
      />
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
          onChange={(value) => reel.setSpeed(Number(value))}
        >
          {SPEEDS.map((one) => (
            <MenuChoice key={one} value={String(one)}>
              {one}×
            </MenuChoice>
          ))}
        </MenuChoices>
      </Menu>
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

function useKeys(reel: Reel): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const { target } = event;
      const isInside = target instanceof HTMLElement;
      if (isInside && target.closest("[role=dialog], [role=menu]") !== null) return;
      if (isInside && event.key === " " && target.closest("button, a") !== null) return;
      const run = Object.hasOwn(KEYS, event.key) ? KEYS[event.key] : undefined;
      if (run === undefined) return;
      event.preventDefault();
      run(reel);
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [reel]);
}
