// One browser that somebody looks at: the connection, the painter, and what is known about it. No view, no React.

import {
  LiveClient,
  type LiveControl,
  type LiveOptions,
  type OpenSocket,
  type Pacing,
} from "pilothouse-client";
import { createStore } from "zustand/vanilla";
import { type ControlNews, FIRST_FACTS, type LiveFacts, newsOf } from "./facts";
import type { Drawn } from "./geometry";
import { type Decoded, Painter } from "./painter";

/** Which browser, and how closely it is looked at. */
export interface WatchingPlan extends Pick<LiveOptions, "server" | "token" | "sessionId"> {
  readonly maxFps?: number;
  /** Whether anything but pictures is wanted: what is only glanced at can do without. */
  readonly hasEvents: boolean;
  readonly openSocket?: OpenSocket;
  readonly decode?: (picture: { readonly bytes: Uint8Array }) => Promise<Decoded>;
}

/** What happens once, for whoever shows it. */
export interface WatchingEvents {
  news?(news: ControlNews): void;
  /** What was copied in the browser. */
  copied?(text: string): void;
  refused?(words: string, code: string): void;
}

/** A picture is acknowledged when it was drawn: a slow screen is sent fewer. */
const PACING: Pacing = "ack";

/** See the top of the file. */
export class Watching {
  readonly facts = createStore<LiveFacts>()(() => FIRST_FACTS);
  readonly client: LiveClient;
  readonly painter: Painter;
  /** Who is told what happens; whoever shows it sets this. */
  events: WatchingEvents = {};
  /** When the newest picture was drawn, in milliseconds since 1970; 0 before the first. No view follows each. */
  drawnAt = 0;
  #isWanted = false;
  #isConnected = false;

  constructor(plan: WatchingPlan) {
    const { hasEvents, decode, ...options } = plan;
    this.client = new LiveClient({
      ...options,
      events: hasEvents,
      pacing: PACING,
      acknowledgesByHand: true,
    });
    const listener = {
      drawn: () => {
        this.drawnAt = Date.now();
        if (!this.facts.getState().hasPicture) this.facts.setState({ hasPicture: true });
      },
      taken: (picture: Parameters<LiveClient["acknowledge"]>[0]) =>
        this.client.acknowledge(picture),
    };
    this.painter = new Painter(listener, ...(decode === undefined ? [] : [decode]));
    this.#listen();
  }

  /** What inputs are aimed at: the picture that is to be seen, not the one that came last. */
  get drawn(): Drawn | undefined {
    return this.painter.drawn;
  }

  /** Whether somebody here steers. */
  get isSteering(): boolean {
    return this.facts.getState().control?.you === true;
  }

  /** Somebody looks, or nobody does any more: then nothing is sent. */
  show(isWanted: boolean): void {
    this.#isWanted = isWanted;
    this.#settle();
  }

  /** Asks to steer; whoever steers is asked. */
  ask(): void {
    if (this.client.requestControl()) this.facts.setState({ hasAsked: true });
  }

  /** Asks no longer, or hands back. */
  release(): void {
    this.facts.setState({ hasAsked: false });
    this.client.releaseControl();
    this.#settle();
  }

  /** Looks no more. */
  dispose(): void {
    this.events = {};
    this.client.dispose();
    this.painter.end();
  }

  /** Whoever steers, or waits for it, looks at another tab without giving that up. */
  #settle(): void {
    const { control, hasAsked } = this.facts.getState();
    const isNeeded = this.#isWanted || control?.you === true || hasAsked;
    if (isNeeded === this.#isConnected) return;
    this.#isConnected = isNeeded;
    if (!isNeeded) this.client.pause();
    // How it goes is told as facts.
    else this.client.connect().catch(() => {});
  }

  #listen(): void {
    const { client, facts } = this;
    client.on("picture", (picture) => this.painter.offer(picture));
    client.on("state", (connection) => {
      facts.setState(
        connection === "open"
          ? { connection, returning: undefined, over: undefined }
          : { connection, control: undefined, hasAsked: false },
      );
    });
    client.on("reconnecting", (waiting) =>
      facts.setState({ returning: { ...waiting, at: Date.now() } }),
    );
    client.on("closed", (over) => facts.setState({ over }));
    client.on("status", (status) => facts.setState({ status }));
    client.on("tabs", (tabs) => facts.setState({ tabs }));
    client.on("watchers", (watchers) => facts.setState({ watchers }));
    client.on("stale", (stale) => facts.setState({ stale }));
    client.on("control", (control) => this.#controlled(control));
    client.on("clipboard", (text) => this.events.copied?.(text));
    client.on("refused", ({ code, message }) => {
      // What was asked may be what was refused; if it was not, the server says so with the next change.
      facts.setState({ hasAsked: false });
      this.events.refused?.(message, code);
    });
  }

  #controlled(control: LiveControl): void {
    const { control: before, hasAsked } = this.facts.getState();
    const news = newsOf(before, control, hasAsked);
    const isAnswered = news.some(({ kind }) => kind === "granted" || kind === "declined");
    const asks = !control.you && !isAnswered && (hasAsked || control.asked === true);
    this.facts.setState({ control, hasAsked: asks });
    for (const one of news) this.events.news?.(one);
    this.#settle();
  }
}
