// Reads one command's output, every byte once: what is stored from REST, what is still written from the dashboard.

import {
  commandOutput,
  type DashboardClient,
  PilothouseError,
  type RestClient,
  UnreachableError,
} from "pilothouse-client";
import { isOver } from "@/live/commands";
import { bytes } from "@/ui/ages";

/** What there is to show, in order. */
export type Shown =
  | { readonly kind: "text"; readonly stream: string; readonly text: string }
  /** Something is missing here, in words. */
  | { readonly kind: "hole"; readonly words: string };

/** How far reading is. */
export type Reading =
  | { readonly is: "loading" | "live" | "ended" }
  | { readonly is: "failed"; readonly words: string };

/** What a reader needs and whom it tells. */
export interface Readable {
  readonly rest: RestClient;
  readonly dashboard: DashboardClient;
  readonly commandId: string;
  readonly show: (shown: Shown) => void;
  readonly become: (reading: Reading) => void;
  /** Resolves as soon as what was shown is drawn, so that long output does not pile up. */
  readonly drawn: () => Promise<void>;
}

/** Pieces shown between two looks at how far drawing is. */
const PIECES_AT_ONCE = 64;

/** Begins; what is returned ends it. */
export function readOutput(readable: Readable): () => void {
  const leaving = new AbortController();
  const live = new LiveReader(readable);
  const stored = new StoredReader(readable, leaving.signal);
  const begin = async () => {
    const { rest, commandId } = readable;
    const path = { command: commandId };
    const call = { path, signal: leaving.signal };
    const command = await rest.call("GET /api/v1/commands/{command}", call);
    if (isOver(command.status) || live.hasEnded) {
      live.stop();
      await stored.read();
    } else live.begin();
  };
  // A server that is away is asked again when it is back, from where reading stopped.
  const attempt = () => {
    const failed = (error: unknown) => {
      if (leaving.signal.aborted) return;
      const words = error instanceof Error ? error.message : String(error);
      readable.become({ is: "failed", words });
      if (error instanceof UnreachableError || !(error instanceof PilothouseError)) waitForServer();
    };
    readable.become({ is: "loading" });
    begin().catch(failed);
  };
  let stopWaiting = () => {};
  const waitForServer = () => {
    stopWaiting();
    stopWaiting = readable.dashboard.on("resynced", () => {
      stopWaiting();
      attempt();
    });
  };
  attempt();
  return () => {
    stopWaiting();
    leaving.abort();
    live.stop();
  };
}

/** What an ended command wrote, by its position. */
class StoredReader {
  /** Where the last piece began that was shown. */
  #last = -1;

  constructor(
    private readonly readable: Readable,
    private readonly signal: AbortSignal,
  ) {}

  async read(): Promise<void> {
    const { rest, commandId, show, become, drawn } = this.readable;
    let pieces = 0;
    const options = { from: Math.max(0, this.#last), signal: this.signal };
    for await (const piece of commandOutput(rest, commandId, options)) {
      if (this.signal.aborted) return;
      if (piece.kind === "pruned") {
        const missing = bytes(piece.position - piece.from);
        show({ kind: "hole", words: `${missing} from here are not kept any more` });
        continue;
      }
      // The first one is known already after a break.
      if (piece.position <= this.#last) continue;
      show({ kind: "text", stream: piece.stream, text: piece.text });
      this.#last = piece.position;
      pieces += 1;
      if (pieces % PIECES_AT_ONCE === 0) await drawn();
    }
    become({ is: "ended" });
  }
}

/** What a live command writes, by its sequence; the client fetches what was written before and what was missed. */
class LiveReader {
  #next = 1;
  #isReading = false;
  #hasEnded = false;
  /** The record that was asked for last because it was left out. */
  #asked = 0;
  readonly #offs: (() => void)[];

  constructor(private readonly readable: Readable) {
    const { dashboard, commandId } = readable;
    // Listens before anything is asked, so that no end is missed.
    this.#offs = [
      dashboard.on("output", (output) => {
        if (output.commandId === commandId) this.#output(output);
      }),
      dashboard.on("gap", (gap) => {
        if (gap.commandId === commandId) this.#gap(gap.nextSequence, gap.reason);
      }),
      dashboard.on("status", (status) => {
        if (status.commandId === commandId && isOver(status.status)) this.#end();
      }),
      dashboard.on("forgotten", (id) => {
        if (id === commandId) this.#end();
      }),
    ];
  }

  /** Whether the command ended before reading began: then it is stored. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  begin(): void {
    this.#isReading = true;
    this.readable.dashboard.follow(this.readable.commandId, this.#next);
    this.readable.become({ is: "live" });
  }

  stop(): void {
    for (const off of this.#offs.splice(0)) off();
  }

  #output({
    sequence,
    stream,
    data,
  }: {
    readonly sequence: number;
    readonly stream: string;
    readonly data: string;
  }): void {
    if (!this.#isReading || sequence < this.#next) return;
    if (sequence > this.#next) {
      // Left out without a word: another view began behind what this one needs. Asked for once.
      if (this.#asked !== this.#next) {
        this.#asked = this.#next;
        this.readable.dashboard.follow(this.readable.commandId, this.#next);
        return;
      }
      this.#gap(sequence, "it is not kept any more");
    }
    this.#next = sequence + 1;
    this.readable.show({ kind: "text", stream, text: data });
  }

  #gap(nextSequence: number, reason: string): void {
    if (!this.#isReading || nextSequence <= this.#next) return;
    this.#next = nextSequence;
    this.readable.show({ kind: "hole", words: `Some output is missing here: ${reason}` });
  }

  #end(): void {
    this.#hasEnded = true;
    if (!this.#isReading) return;
    this.stop();
    this.readable.become({ is: "ended" });
  }
}
