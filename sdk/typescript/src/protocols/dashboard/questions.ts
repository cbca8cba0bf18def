// Asks for missed output, one question at a time, and again when an answer does not come.

import type { ErrorMessage, OutputResume } from "../../wire/dashboard.js";
import type { Ledger } from "./ledger.js";

/** How far apart questions are, so that they stay far below the server's limit of messages. */
const ASK_EVERY_MS = 20;
/** How long an answer may take before the question is asked again. */
const ANSWERED_WITHIN_MS = 15_000;
/** How long to wait when the server cannot read its storage. */
const ASK_LATER_MS = 1000;
/** What questions are called in `requestId`. */
const QUESTION = "output";

/** Lives as long as one client; asks only while there is a connection. */
export class Questions {
  #asked: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOpen = false;

  constructor(
    private readonly ledger: Ledger,
    private readonly send: (question: OutputResume) => void,
  ) {}

  open(): void {
    this.#isOpen = true;
    this.look();
  }

  close(): void {
    this.#isOpen = false;
    this.#asked = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** There may be something to ask. */
  look(waitMs = ASK_EVERY_MS): void {
    if (!this.#isOpen || this.#timer !== undefined || !this.ledger.hasQuestions) return;
    this.#timer = setTimeout(() => this.#ask(), waitMs);
  }

  /** The answer came. */
  answered(): void {
    this.#done();
    this.look();
  }

  /** Whether the error is the answer to a question. */
  refused(error: ErrorMessage): boolean {
    const commandId = this.#asked;
    if (error.details?.requestId !== QUESTION || commandId === undefined) return false;
    this.#done();
    if (error.code === "COMMAND_NOT_FOUND") this.ledger.forget(commandId);
    else if (error.code === "STORAGE_UNAVAILABLE" || error.code === "RATE_LIMIT") {
      this.ledger.askAgain(commandId);
      this.look(ASK_LATER_MS);
    } else this.ledger.caughtUp(commandId, false);
    this.look();
    return true;
  }

  #done(): void {
    this.#asked = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #ask(): void {
    this.#timer = undefined;
    const question = this.ledger.question();
    if (question === undefined) return;
    this.#asked = question.commandId;
    this.#timer = setTimeout(() => {
      this.#done();
      this.ledger.askAgain(question.commandId);
      this.look();
    }, ANSWERED_WITHIN_MS);
    this.send({ ...question, requestId: QUESTION });
  }
}
