// One run that is followed, over however many connections.

import { Emitter, type Listener } from "../../connection/events.js";
import type { PilothouseError, RejectedError } from "../../errors.js";
import type { Completion, RunStatus, StepUpdate } from "../../wire/runs.js";

/** What is told of one run. */
export interface RunEvents {
  /** It took a step. Every step comes once, in order. */
  step: StepUpdate;
  /** How it stands, for clients that are `extended`. */
  status: RunStatus;
  /** Something that was wanted of it was refused. */
  refused: RejectedError;
  /** It is over. */
  completion: Completion;
  /** It is not followed any more, though it may go on: why. */
  ended: PilothouseError;
}

/** See the top of the file. */
export class FollowedRun {
  /** How it ended; rejected if that will not be told. */
  readonly completed: Promise<Completion>;
  readonly #events = new Emitter<RunEvents>();
  #resolve: (completion: Completion) => void = () => {};
  #reject: (error: PilothouseError) => void = () => {};
  #lastStep: number;
  #status: RunStatus | undefined;

  constructor(
    readonly id: string,
    afterStep: number,
  ) {
    this.#lastStep = afterStep;
    this.completed = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever only listens need not wait for it.
    this.completed.catch(() => {});
  }

  /** The number of the last step that was told; 0 before the first. */
  get lastStep(): number {
    return this.#lastStep;
  }

  /** How it was told to stand last. */
  get status(): RunStatus | undefined {
    return this.#status;
  }

  /** Calls `listener` from now on; what is returned ends that. */
  on<Name extends keyof RunEvents>(name: Name, listener: Listener<RunEvents[Name]>): () => void {
    return this.#events.on(name, listener);
  }

  /** @internal Whether the step is a new one. */
  stepped(step: StepUpdate): boolean {
    if (step.stepNumber <= this.#lastStep) return false;
    this.#lastStep = step.stepNumber;
    this.#events.emit("step", step);
    return true;
  }

  /** @internal */
  stands(status: RunStatus): void {
    this.#status = status;
    this.#events.emit("status", status);
  }

  /** @internal */
  refuse(error: RejectedError): void {
    this.#events.emit("refused", error);
  }

  /** @internal */
  complete(completion: Completion): void {
    this.#events.emit("completion", completion);
    this.#resolve(completion);
    this.#events.silence();
  }

  /** @internal */
  end(error: PilothouseError): void {
    this.#events.emit("ended", error);
    this.#reject(error);
    this.#events.silence();
  }
}
