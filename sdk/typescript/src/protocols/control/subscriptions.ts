// What is subscribed to: kept over reconnections, asked for anew with each, and who waits for an answer.

import type { PilothouseError } from "../../errors.js";
import type { Subscription, SubscriptionType } from "./messages.js";

interface Asked {
  readonly resolve: () => void;
  readonly reject: (error: PilothouseError) => void;
}

interface Kept extends Subscription {
  /** Names the question that is out for it. */
  messageId: string | undefined;
  asked: Asked[];
}

const nameOf = ({ subscriptionType, targetId }: Subscription) => `${subscriptionType}:${targetId}`;

/** See the top of the file. */
export class Subscriptions {
  readonly #kept = new Map<string, Kept>();
  #asked = 0;

  constructor(
    /** Sends `SUBSCRIBE` under a name, if there is a connection. */
    private readonly send: (subscription: Subscription, messageId: string) => void,
  ) {}

  /** Keeps one; resolves when the server has it, over however many connections. */
  add(subscriptionType: SubscriptionType, targetId: string): Promise<void> {
    const name = nameOf({ subscriptionType, targetId });
    const kept = this.#kept.get(name) ?? {
      subscriptionType,
      targetId,
      messageId: undefined,
      asked: [],
    };
    this.#kept.set(name, kept);
    return new Promise((resolve, reject) => {
      kept.asked.push({ resolve, reject });
      this.#ask(kept);
    });
  }

  /** Forgets one. */
  remove(subscription: Subscription, error: PilothouseError): void {
    const kept = this.#kept.get(nameOf(subscription));
    this.#kept.delete(nameOf(subscription));
    for (const { reject } of kept?.asked ?? []) reject(error);
  }

  /** There is a new connection, which knows of none. */
  askForAll(): void {
    for (const kept of this.#kept.values()) this.#ask(kept);
  }

  /** The server has one. */
  confirmed(subscription: Subscription): void {
    const kept = this.#kept.get(nameOf(subscription));
    for (const { resolve } of kept?.asked.splice(0) ?? []) resolve();
  }

  /** The server refused a question. Whether it was one of these; it is asked no more then. */
  refused(messageId: string, error: PilothouseError): boolean {
    const kept = [...this.#kept.values()].find((one) => one.messageId === messageId);
    if (kept === undefined) return false;
    this.remove(kept, error);
    return true;
  }

  /** Nobody will ever answer. */
  end(error: PilothouseError): void {
    for (const kept of [...this.#kept.values()]) this.remove(kept, error);
  }

  #ask(kept: Kept): void {
    this.#asked += 1;
    kept.messageId = `subscribe-${this.#asked}`;
    this.send(kept, kept.messageId);
  }
}
