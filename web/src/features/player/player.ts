// Plays a recording on a screen: at a speed, from any moment, never more at once than can be drawn in a frame.

import type { CastEvent, CastHeader } from "./cast";
import { Timeline } from "./timeline";

/** What a recording is shown on. */
export interface Screen {
  /** Shows output; `done` is called as soon as it is taken in. */
  write(text: string, done: () => void): void;
  resize(columns: number, rows: number): void;
  /** As it was before anything was written. */
  reset(): void;
}

/** Where time comes from. */
export interface Clock {
  /** Milliseconds, from anywhere. */
  now(): number;
  /** Calls before the next frame is drawn; what is returned takes that back. */
  frame(call: () => void): () => void;
}

/** What is shown around the screen. */
export interface Playing {
  /** Milliseconds, with pauses cut short if they are. */
  readonly position: number;
  readonly duration: number;
  /** The recording's own time, for addresses. */
  readonly recorded: number;
  readonly isPlaying: boolean;
  /** Whether more of the recording is still to come. */
  readonly isLoading: boolean;
  /** Whether the screen is being brought to where somebody wants it. */
  readonly isSeeking: boolean;
  readonly speed: number;
  readonly cutsPauses: boolean;
  /** How the process ended, as soon as that is shown. */
  readonly exit: number | undefined;
}

/** The longest pause while pauses are cut. */
const LONGEST_PAUSE_MS = 2000;

/** At most so many characters are written at once, so that no frame takes long. */
export const MOST_AT_ONCE = 64 * 1024;

/** How many of those are written at once on the way to somewhere else. */
const PIECES_THERE = 8;

/** While it plays, the position is told this often. */
const TELL_MS = 100;

/** How a player begins. */
export const FIRST: Playing = {
  position: 0,
  duration: 0,
  recorded: 0,
  isPlaying: false,
  isLoading: true,
  isSeeking: false,
  speed: 1,
  cutsPauses: true,
  exit: undefined,
};

/** A moment to go to. */
interface Place {
  readonly moment: number;
  /** Whether it is of the recording's own time. */
  readonly isRecorded: boolean;
}

/** See the top of the file. */
export class Player {
  readonly #timeline = new Timeline(LONGEST_PAUSE_MS);
  readonly #markers: { readonly index: number; readonly label: string }[] = [];
  #header: CastHeader | undefined;
  #playing = FIRST;
  /** How many events are on the screen. */
  #done = 0;
  /** The moment that is shown. */
  #position = 0;
  /** When the clock was looked at last, while it plays. */
  #seen = 0;
  /** Where to go, once it is loaded. */
  #wanted: Place | undefined;
  /** How much was given to the screen that it has not taken in. */
  #outstanding = 0;
  #isOver = false;
  #unframe: (() => void) | undefined;

  constructor(
    private readonly screen: Screen,
    private readonly clock: Clock,
    private readonly tell: (playing: Playing) => void,
  ) {}

  /** Markers that were loaded, with the moments they are at. */
  get markers(): readonly { readonly moment: number; readonly label: string }[] {
    return this.#markers.map(({ index, label }) => ({
      moment: this.#timeline.momentOf(index),
      label,
    }));
  }

  /** More of the recording has come. */
  load(header: CastHeader | undefined, events: readonly CastEvent[], isAll: boolean): void {
    if (this.#header === undefined && header !== undefined) {
      this.#header = header;
      this.screen.resize(header.columns, header.rows);
    }
    const known = this.#timeline.events.length;
    for (const [index, event] of events.entries()) {
      if (event.kind !== "marker") continue;
      this.#markers.push({ index: known + index, label: event.label });
    }
    this.#timeline.append(events);
    this.#become({ isLoading: !isAll });
    this.#go();
  }

  play(): void {
    // At the end, "play" is from the beginning.
    const isAtEnd = this.#position >= this.#timeline.duration && !this.#playing.isLoading;
    if (isAtEnd) this.seek(0);
    this.#seen = this.clock.now();
    this.#become({ isPlaying: true });
    this.#go();
  }

  pause(): void {
    this.#become({ isPlaying: false });
  }

  toggle(): void {
    if (this.#playing.isPlaying) this.pause();
    else this.play();
  }

  setSpeed(speed: number): void {
    this.#become({ speed });
  }

  /** Whether long pauses are cut short. What is shown stays. */
  cutPauses(cutsPauses: boolean): void {
    const recorded = this.#timeline.recordedAt(this.#position);
    this.#timeline.cut(cutsPauses ? LONGEST_PAUSE_MS : Number.POSITIVE_INFINITY);
    this.#position = this.#timeline.shownAt(recorded);
    this.#become({ cutsPauses });
  }

  /** Goes to a moment. */
  seek(moment: number): void {
    this.#want(Math.max(0, moment), false);
  }

  /** Goes on, or back with a negative number, from where it is or is going. */
  seekBy(milliseconds: number): void {
    const wanted = this.#wanted;
    const from = wanted === undefined || wanted.isRecorded ? this.#position : wanted.moment;
    this.seek(Math.min(from, this.#timeline.duration) + milliseconds);
  }

  /** Goes to a moment of the recording's own time. */
  seekRecorded(moment: number): void {
    this.#want(Math.max(0, moment), true);
  }

  dispose(): void {
    this.#isOver = true;
    this.#unframe?.();
  }

  #want(moment: number, isRecorded: boolean): void {
    this.#wanted = { moment, isRecorded };
    this.#become({ isSeeking: true });
    this.#go();
  }

  /** Has the next frame do what is to be done. */
  #go(): void {
    if (this.#isOver || this.#outstanding > 0 || this.#unframe !== undefined) return;
    if (this.#wanted === undefined && !this.#playing.isPlaying) return;
    this.#unframe = this.clock.frame(() => {
      this.#unframe = undefined;
      this.#step();
    });
  }

  #step(): void {
    const wanted = this.#wanted;
    const goesOn = wanted === undefined ? this.#stepOn() : this.#stepThere(wanted);
    if (goesOn) this.#go();
  }

  /** A step to where somebody wants to be. Says whether there is another to make now. */
  #stepThere(wanted: Place): boolean {
    const timeline = this.#timeline;
    const moment = wanted.isRecorded ? timeline.shownAt(wanted.moment) : wanted.moment;
    const target = Math.min(moment, timeline.duration);
    const count = timeline.countAt(target);
    if (count < this.#done) this.#begin();
    // Screens take time to breathe between pieces, so here it may be several of them.
    for (let piece = 0; piece < PIECES_THERE && this.#done < count; piece += 1) this.#write(count);
    const last = timeline.events.at(-1);
    const known = wanted.isRecorded ? (last?.at ?? 0) : timeline.duration;
    const isThere = this.#done >= count && (known >= wanted.moment || !this.#playing.isLoading);
    this.#position = isThere ? target : timeline.momentOf(this.#done - 1);
    if (!isThere) {
      // What is not loaded yet is waited for.
      if (this.#done >= count) this.#become({});
      return this.#done < count;
    }
    this.#wanted = undefined;
    this.#seen = this.clock.now();
    this.#become({ isSeeking: false });
    return true;
  }

  /** A step of playing: as much as time has passed, as far as the screen can follow. */
  #stepOn(): boolean {
    const now = this.clock.now();
    const passed = (now - this.#seen) * this.#playing.speed;
    this.#seen = now;
    const target = Math.min(this.#position + passed, this.#timeline.duration);
    const count = this.#timeline.countAt(target);
    this.#write(count);
    const isBehind = this.#done < count;
    this.#position = isBehind ? Math.min(target, this.#timeline.momentOf(this.#done)) : target;
    const isAtEnd = target >= this.#timeline.duration && !isBehind && !this.#playing.isLoading;
    if (isAtEnd) this.#become({ isPlaying: false });
    else if (this.#position - this.#playing.position >= TELL_MS) this.#become({});
    return true;
  }

  /** Writes events up to a number of them, or until it is enough for a frame. */
  #write(count: number): void {
    let text = "";
    while (this.#done < count && text.length < MOST_AT_ONCE) {
      const event = this.#timeline.events[this.#done];
      if (event?.kind === "resize") {
        // The screen takes output in its own time, and what came before a new size has to be there.
        if (text !== "" || this.#outstanding > 0) break;
        this.screen.resize(event.columns, event.rows);
      }
      if (event?.kind === "output") text += event.text;
      this.#done += 1;
    }
    if (text === "") return;
    this.#outstanding += 1;
    this.screen.write(text, () => {
      this.#outstanding -= 1;
      this.#go();
    });
  }

  #begin(): void {
    this.#done = 0;
    this.screen.reset();
    if (this.#header !== undefined) this.screen.resize(this.#header.columns, this.#header.rows);
  }

  #become(change: Partial<Playing>): void {
    const shown = this.#timeline.events[this.#done - 1];
    this.#playing = {
      ...this.#playing,
      ...change,
      position: this.#position,
      duration: this.#timeline.duration,
      recorded: this.#timeline.recordedAt(this.#position),
      exit: shown?.kind === "exit" ? shown.code : undefined,
    };
    this.tell(this.#playing);
  }
}
