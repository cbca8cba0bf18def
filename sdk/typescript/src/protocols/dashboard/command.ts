// One command that this dashboard asked for, as its user sees it.

import type { PilothouseError } from "../../errors.js";
import { UnknownOutcomeError } from "../../errors.js";
import type { CommandStatus, TerminalOutput } from "../../wire/dashboard.js";
import type { OutputGap } from "./events.js";
import { isFinal } from "./ledger.js";
import { Pieces } from "./pieces.js";

/** What a command wrote, or a hole in it. */
export type OutputPiece =
  | {
      readonly kind: "output";
      readonly data: string;
      readonly stream: TerminalOutput["stream"];
      readonly sequence: number;
    }
  | ({ readonly kind: "gap" } & OutputGap);

/** How many pieces wait to be read. Overflow rule: the older half is dropped and told as a gap. */
const MOST_PIECES = 16_384;

function missed(pieces: readonly OutputPiece[], commandId: string, agentId: string): OutputPiece {
  const first = pieces[0];
  const last = pieces.at(-1);
  const begin = first?.kind === "gap" ? first.fromSequence : (first?.sequence ?? 0);
  const end = last?.kind === "gap" ? last.nextSequence : (last?.sequence ?? 0) + 1;
  const reason = "it was not read in time";
  return { kind: "gap", commandId, agentId, fromSequence: begin, nextSequence: end, reason };
}

/** A command. Its output is read by iterating over it, once: `for await (const piece of command)`. */
export class Command {
  /** Its final status. Rejected if it cannot be told how it ended. */
  readonly ended: Promise<CommandStatus>;
  readonly #pieces: Pieces<OutputPiece>;
  #end: (status: CommandStatus) => void = () => {};
  #fail: (error: PilothouseError) => void = () => {};
  #state: CommandStatus["status"] = "queued";

  constructor(
    readonly id: string,
    readonly agentId: string,
    private readonly stop: (reason?: string) => void,
    private readonly heard?: ((piece: OutputPiece) => void) | undefined,
  ) {
    this.#pieces = new Pieces<OutputPiece>(MOST_PIECES, (dropped) => missed(dropped, id, agentId));
    this.ended = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    // Whoever only reads output need not look at how it ended.
    this.ended.catch(() => {});
  }

  /** Where it is in its life. */
  get state(): CommandStatus["status"] {
    return this.#state;
  }

  /** How its process exited. Rejected if it never had one, or was lost with its agent. */
  get exitCode(): Promise<number> {
    return this.ended.then((status) => {
      if (status.exitCode !== undefined) return status.exitCode;
      throw new UnknownOutcomeError(status.error ?? `the command was ${status.status}`);
    });
  }

  /** Ends it, whether it waits or runs. */
  interrupt(reason?: string): void {
    this.stop(reason);
  }

  [Symbol.asyncIterator](): AsyncIterator<OutputPiece> {
    return this.#pieces;
  }

  /** The client heard something of it. */
  take(piece: OutputPiece): void {
    if (this.heard === undefined) this.#pieces.push(piece);
    else this.heard(piece);
  }

  /** The client heard where it is in its life. Whether it is over. */
  becomes(status: CommandStatus): boolean {
    this.#state = status.status;
    if (!isFinal(status.status)) return false;
    this.#end(status);
    this.#pieces.end();
    return true;
  }

  /** Nothing more will be heard of it. */
  lose(error: PilothouseError): void {
    this.#fail(error);
    this.#pieces.end();
  }
}
