// What this dashboard asked for and what waits for its answer.

import { type PilothouseError, RejectedError, UnknownOutcomeError } from "../../errors.js";
import type { ClientMessage, CommandStatus, ErrorMessage } from "../../wire/dashboard.js";

/** A command that was asked for. */
interface Asked {
  readonly message: ClientMessage;
  readonly resolve: (status: CommandStatus) => void;
  readonly reject: (error: PilothouseError) => void;
  /** The connection it was sent over is gone, so its answer may be lost. */
  isDoubtful: boolean;
}

/** How many interrupts are remembered until their commands end. Overflow rule: the oldest is forgotten. */
const MOST_INTERRUPTS = 256;

/** The error of the client's own that a server's error is. */
export function rejection(error: ErrorMessage): RejectedError {
  return new RejectedError(error.message, error.code, error.details?.retryAfter);
}

/** How many wait is bounded by whoever asks: each waits for its answer. */
export class Requests {
  #asked = new Map<string, Asked>();
  #interrupts = new Map<string, ClientMessage>();

  /** A command is asked for; `resolve` gets its first status. */
  ask(
    requestId: string,
    message: ClientMessage,
    resolve: Asked["resolve"],
    reject: Asked["reject"],
  ): void {
    this.#asked.set(requestId, { message, resolve, reject, isDoubtful: false });
  }

  /** It could not even be sent. */
  withdraw(requestId: string): void {
    this.#asked.delete(requestId);
  }

  /**
   * Remembers an interrupt until its command ends: a socket takes what it cannot deliver any more, and
   * interrupting twice does no harm.
   */
  interrupts(commandId: string, message: ClientMessage): void {
    this.#interrupts.set(commandId, message);
    const [oldest] = this.#interrupts.keys();
    if (this.#interrupts.size > MOST_INTERRUPTS && oldest !== undefined) {
      this.#interrupts.delete(oldest);
    }
  }

  /** What may have been lost with the last connection and is said again. */
  toSayAgain(): ClientMessage[] {
    return [...this.#interrupts.values()];
  }

  /** A command has ended, or is not known: there is nothing to interrupt any more. */
  ended(commandId: string): void {
    this.#interrupts.delete(commandId);
  }

  /** The command that was asked for, if this tells of it. */
  answered(status: CommandStatus): void {
    const { requestId } = status;
    if (requestId === undefined) return;
    this.#asked.get(requestId)?.resolve(status);
    this.#asked.delete(requestId);
  }

  /** Whether the error is the answer to something that was asked for. */
  refused(error: ErrorMessage): boolean {
    const { commandId, requestId } = error.details ?? {};
    if (commandId !== undefined) this.ended(commandId);
    const asked = requestId === undefined ? undefined : this.#asked.get(requestId);
    if (requestId === undefined || asked === undefined) return false;
    this.#asked.delete(requestId);
    asked.reject(rejection(error));
    return true;
  }

  /** The connection is gone: answers that are outstanding may never come. What waits for one was asked later. */
  lineLost(): void {
    for (const asked of this.#asked.values()) asked.isDoubtful = true;
  }

  /** The server has told all that is live: what is not among it was never queued, or has ended. */
  snapshotEnded(): void {
    for (const [requestId, asked] of this.#asked) {
      if (!asked.isDoubtful) continue;
      this.#asked.delete(requestId);
      const words = "the connection was lost before the answer; look whether the command ran";
      asked.reject(new UnknownOutcomeError(`${words} (${requestId})`));
    }
  }

  /** A message will not be sent. */
  dropped(message: ClientMessage, error: PilothouseError): void {
    for (const [requestId, asked] of this.#asked) {
      if (asked.message !== message) continue;
      this.#asked.delete(requestId);
      asked.reject(error);
    }
  }

  /** There will be no further connection. */
  end(error: PilothouseError): void {
    for (const asked of this.#asked.values()) asked.reject(error);
    this.#asked.clear();
    this.#interrupts.clear();
  }
}
