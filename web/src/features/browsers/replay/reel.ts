// Plays recorded pictures: at a speed, from any moment. A picture is fetched when it is near, and the newest wins.

import type { RecordedPicture } from "pilothouse-client";
import { createStore } from "zustand/vanilla";

/** Where pictures come from. */
export type FetchPicture = (n: number, signal: AbortSignal) => Promise<ImageBitmap>;

/** Where time comes from. */
export interface ReelClock {
  /** Milliseconds, from anywhere. */
  now(): number;
  /** Calls before the next frame is drawn; what is returned takes that back. */
  frame(call: () => void): () => void;
}

/** What is shown around the picture. */
export interface Reeling {
  /** Milliseconds since the recording began. */
  readonly position: number;
  readonly isPlaying: boolean;
  /** Whether the picture of this moment is still to come. */
  readonly isFetching: boolean;
  readonly speed: number;
  readonly problem: unknown;
}

/** How fast it can go. */
export const SPEEDS = [0.5, 1, 2, 4, 8] as const;

/** So many pictures are had before they are needed, and so many are kept. */
const AHEAD = 4;
const MOST_KEPT = 24;

/** The position is told this often while it plays. */
const TELL_MS = 100;

/** The place of the last picture at a moment; -1 before the first. Pure. */
export function placeAt(pictures: readonly RecordedPicture[], moment: number): number {
  let low = 0;
  let high = pictures.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pictures[middle]?.atMs ?? 0) <= moment) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** See the top of the file. */
export class Reel {
  readonly state = createStore<Reeling>()(() => ({
    position: 0,
    isPlaying: false,
    isFetching: false,
    speed: 1,
    problem: undefined,
  }));
  readonly #leaving = new AbortController();
  /** By their places; the ones that were used longest ago go first. */
  readonly #kept = new Map<number, Promise<ImageBitmap>>();
  #position = 0;
  #shown = -1;
  #began = 0;
  #toldAt = 0;
  #stop: (() => void) | undefined;

  constructor(
    private readonly pictures: readonly RecordedPicture[],
    readonly durationMs: number,
    private readonly fetch: FetchPicture,
    private readonly draw: (picture: ImageBitmap) => void,
    private readonly clock: ReelClock,
  ) {}

  /** Goes on from here, or from the beginning if this is the end. */
  play(): void {
    if (this.state.getState().isPlaying) return;
    if (this.#position >= this.durationMs) this.#position = 0;
    this.#began = this.clock.now();
    this.state.setState({ isPlaying: true });
    this.#show();
    this.#next();
  }

  pause(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.state.setState({ isPlaying: false, position: this.#position });
  }

  toggle(): void {
    if (this.state.getState().isPlaying) this.pause();
    else this.play();
  }

  /** Goes to a moment, and shows what was to be seen then. */
  seek(moment: number): void {
    this.#position = Math.min(this.durationMs, Math.max(0, moment));
    this.#began = this.clock.now();
    this.state.setState({ position: this.#position });
    this.#show();
  }

  /** Goes so many pictures on, or back. */
  step(pictures: number): void {
    this.pause();
    const to = Math.max(0, placeAt(this.pictures, this.#position)) + pictures;
    const picture = this.pictures[Math.min(this.pictures.length - 1, Math.max(0, to))];
    if (picture !== undefined) this.seek(picture.atMs);
  }

  setSpeed(speed: number): void {
    this.state.setState({ speed });
  }

  dispose(): void {
    this.#stop?.();
    this.#leaving.abort();
    for (const kept of this.#kept.values()) kept.then((one) => one.close()).catch(() => {});
    this.#kept.clear();
  }

  #next(): void {
    this.#stop = this.clock.frame(() => this.#turn());
  }

  #turn(): void {
    const now = this.clock.now();
    const { speed } = this.state.getState();
    this.#position = Math.min(this.durationMs, this.#position + (now - this.#began) * speed);
    this.#began = now;
    this.#show();
    if (this.#position >= this.durationMs) {
      this.pause();
      return;
    }
    if (now - this.#toldAt >= TELL_MS) {
      this.#toldAt = now;
      this.state.setState({ position: this.#position });
    }
    this.#next();
  }

  /** Shows the picture of the present moment, as soon as it is there and still wanted. */
  #show(): void {
    // Before the first picture, the first is the best there is.
    const place = Math.max(0, placeAt(this.pictures, this.#position));
    if (place === this.#shown || this.pictures.length === 0) return;
    this.#shown = place;
    this.state.setState({ isFetching: true });
    this.#picture(place).then(
      (picture) => {
        if (this.#leaving.signal.aborted || this.#shown !== place) return;
        this.draw(picture);
        this.state.setState({ isFetching: false, problem: undefined });
      },
      (problem: unknown) => {
        if (this.#leaving.signal.aborted) return;
        this.#kept.delete(place);
        if (this.#shown === place) this.state.setState({ isFetching: false, problem });
      },
    );
    const last = Math.min(place + AHEAD, this.pictures.length - 1);
    for (let ahead = place + 1; ahead <= last; ahead += 1) {
      // Whether it can be had is told when it is shown.
      this.#picture(ahead).catch(() => this.#kept.delete(ahead));
    }
  }

  #picture(place: number): Promise<ImageBitmap> {
    const kept = this.#kept.get(place);
    const n = this.pictures[place]?.n ?? 0;
    const picture = kept ?? this.fetch(n, this.#leaving.signal);
    this.#kept.delete(place);
    this.#kept.set(place, picture);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_KEPT) break;
      // What is shown is drawn from; it goes when something else is.
      this.#kept
        .get(oldest)
        ?.then((one) => one.close())
        .catch(() => {});
      this.#kept.delete(oldest);
    }
    return picture;
  }
}
