// What is to be said once there is a connection again. Bounded; what gives way is said by name.

import { AwayError, QueueFullError } from "../errors.js";

/** What happens to a message when the queue is full. */
export type Overflow =
  /** The newest is refused: its sender is told at once. */
  | "refuse-newest"
  /** The oldest is dropped, and told as dropped. */
  | "drop-oldest";

/** How much waits while there is no connection. */
export interface OutboxPlan {
  /** So many messages; 0 refuses all. */
  readonly most: number;
  readonly overflow: Overflow;
}

/** Messages in the order in which they are to be sent. */
export class Outbox<Message> {
  #waiting: Message[] = [];

  constructor(
    private readonly plan: OutboxPlan,
    private readonly dropped: (message: Message) => void,
  ) {}

  /** Keeps a message; throws if there is no room for it. */
  push(message: Message): void {
    if (this.plan.most === 0) throw new AwayError("there is no connection; try again later");
    if (this.#waiting.length >= this.plan.most) {
      if (this.plan.overflow === "refuse-newest") {
        throw new QueueFullError(`${this.plan.most} messages wait already for a connection`);
      }
      const oldest = this.#waiting.shift();
      if (oldest !== undefined) this.dropped(oldest);
    }
    this.#waiting.push(message);
  }

  /** Everything that waits, which does not wait any more. */
  take(): Message[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting;
  }
}
