// The dashboard protocol: every agent, commands on them, and what they print. Stays connected.

import { BACKOFFS } from "../connection/backoff.js";
import { decoderOf } from "../connection/decode.js";
import { randomName } from "../connection/names.js";
import { QueueFullError, UnknownOutcomeError } from "../errors.js";
import type {
  Agent,
  ClientMessage,
  CommandQueue,
  ErrorMessage,
  ServerMessage,
} from "../wire/dashboard.js";
import { Client, tellLosses } from "./client.js";
import { Command } from "./dashboard/command.js";
import type { DashboardEvents, DashboardState } from "./dashboard/events.js";
import { isFinal, Ledger } from "./dashboard/ledger.js";
import {
  DASHBOARD_SERVER_MESSAGE_TYPES,
  type DashboardOptions,
  type RunOptions,
} from "./dashboard/options.js";
import { Questions } from "./dashboard/questions.js";
import { Renewal } from "./dashboard/renewal.js";
import { Requests } from "./dashboard/requests.js";

/** A life sign every 30 s, and dead after 60 s of silence. */
const HEARTBEAT = { everyMs: 30_000, deadAfterMs: 60_000, onlyInSilence: false };

/** See the top of the file. */
export class DashboardClient extends Client<DashboardEvents, ServerMessage, ClientMessage> {
  readonly #ledger: Ledger;
  readonly #questions: Questions;
  readonly #requests = new Requests();
  readonly #renewal: Renewal;
  readonly #commands = new Map<string, Command>();
  readonly #queues = new Map<string, CommandQueue>();
  #agents = new Map<string, Agent>();
  #state: DashboardState = "DISCONNECTED";
  #wasConnected = false;
  #isListed = false;
  #beats = 0;
  #asked = 0;
  // Requests are found again by name after a server's restart, so no other client may use it.
  readonly #name = randomName();

  constructor(options: DashboardOptions) {
    super(options, {
      path: () => (options.attention === true ? "/ws/dashboard?attention=1" : "/ws/dashboard"),
      decode: decoderOf<ServerMessage>(DASHBOARD_SERVER_MESSAGE_TYPES),
      encode: (message) =>
        JSON.stringify({ version: "1.0.0", timestamp: (options.now ?? Date.now)(), ...message }),
      backoff: BACKOFFS.dashboard,
      heartbeat: HEARTBEAT,
      beat: () => this.#beat(),
      isGreeting: (message) => message.type === "connection:ack",
      mostWaiting: 100,
    });
    this.#ledger = new Ledger(options.follow ?? "all", {
      output: (output) => {
        const { commandId, data, stream, sequence } = output;
        this.#commands.get(commandId)?.take({ kind: "output", data, stream, sequence });
        this.events.emit("output", output);
      },
      gap: (gap) => {
        this.#commands.get(gap.commandId)?.take({ kind: "gap", ...gap });
        this.events.emit("gap", gap);
      },
      status: (status) => {
        if (this.#commands.get(status.commandId)?.becomes(status)) {
          this.#commands.delete(status.commandId);
        }
        this.events.emit("status", status);
      },
      queue: (queue) => {
        if (queue.queue.length === 0 && !queue.held) this.#queues.delete(queue.agentId);
        else this.#queues.set(queue.agentId, queue);
        this.events.emit("queue", queue);
      },
      forgotten: (commandId) => {
        const words = "the server does not know the command any more";
        this.#commands.get(commandId)?.lose(new UnknownOutcomeError(words));
        this.#commands.delete(commandId);
        this.events.emit("forgotten", commandId);
      },
    });
    this.#questions = new Questions(this.#ledger, (question) =>
      this.connection.sendNow({ type: "output:resume", payload: question }),
    );
    const show = (token: string) =>
      this.connection.sendNow({ type: "token:refresh", payload: { token } });
    this.#renewal = new Renewal(this.connection.token, show, options.now ?? Date.now);
    this.#listen();
  }

  /** How the connection is, in the protocol's words. */
  get state(): DashboardState {
    return this.#state;
  }

  /** All agents that the server told of, by id. */
  get agents(): ReadonlyMap<string, Agent> {
    return this.#agents;
  }

  /** The queues in which something waits, or which are held, by their agent's id. */
  get queues(): ReadonlyMap<string, CommandQueue> {
    return this.#queues;
  }

  /**
   * Queues a command line on an agent. Its output is complete over all reconnections.
   *
   * It is sent once. When the connection is lost before the answer, the command is looked for in what the
   * server tells after coming back; what cannot be found is an `UnknownOutcomeError`.
   */
  async start(agentId: string, line: string, options: RunOptions = {}): Promise<Command> {
    const { onOutput, ...rest } = options;
    this.#asked += 1;
    const requestId = `${this.#name}-${this.#asked}`;
    const payload = { ...rest, agentId, command: line, requestId };
    const message: ClientMessage = { type: "command:request", payload };
    return new Promise((resolve, reject) => {
      const stop = (id: string) => (reason?: string) => this.interrupt(id, reason);
      // Made in the same turn in which the answer comes: its output may come in the same one.
      this.#requests.ask(
        requestId,
        message,
        ({ commandId }) => {
          const command = new Command(commandId, agentId, stop(commandId), onOutput);
          this.#commands.set(commandId, command);
          this.#ledger.follow(commandId);
          resolve(command);
        },
        reject,
      );
      try {
        this.connection.send(message);
      } catch (error) {
        this.#requests.withdraw(requestId);
        reject(error);
      }
    });
  }

  /** Runs a command line on an agent, and resolves with its exit code. */
  async run(agentId: string, line: string, options: RunOptions = {}): Promise<number> {
    const command = await this.start(agentId, line, { onOutput: () => {}, ...options });
    return command.exitCode;
  }

  /** Ends a command, whether it waits or runs. Said again over the next connection until it has ended. */
  interrupt(commandId: string, reason?: string): void {
    const payload = reason === undefined ? { commandId } : { commandId, reason };
    const message: ClientMessage = { type: "command:interrupt", payload };
    this.#requests.interrupts(commandId, message);
    if (this.connection.state === "open") this.connection.send(message);
  }

  /** Sees to it that a command's output is complete, from that record on. */
  follow(commandId: string, fromSequence = 1): void {
    this.#ledger.follow(commandId, fromSequence);
    this.#questions.look();
  }

  #listen(): void {
    const { events } = this.connection;
    events.on("message", (message) => this.#take(message));
    events.on("open", () => this.#opened());
    events.on("lost", () => this.#requests.lineLost());
    events.on("state", (state) => {
      if (state !== "open") {
        this.#questions.close();
        this.#renewal.stop();
      }
      const away = this.#wasConnected || state === "waiting" ? "RECONNECTING" : "CONNECTING";
      const isOver = state === "closed" || state === "idle";
      this.#become(state === "open" ? "CONNECTED" : isOver ? "DISCONNECTED" : away);
    });
    events.on("dropped", (message) => {
      this.#requests.dropped(message, new QueueFullError("newer requests took its place"));
    });
    events.on("closed", (error) => {
      this.#requests.end(error);
      for (const command of this.#commands.values()) command.lose(error);
      this.#commands.clear();
    });
    tellLosses(this.connection, this.events);
  }

  #become(state: DashboardState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.events.emit("state", state);
  }

  #opened(): void {
    this.#wasConnected = true;
    // Its echo marks the end of what the server tells first.
    this.#beat();
    for (const message of this.#requests.toSayAgain()) this.connection.sendNow(message);
    this.#renewal.start();
  }

  #beat(): void {
    this.#beats += 1;
    this.connection.sendNow({ type: "heartbeat", payload: { sequence: this.#beats } });
  }

  #take(message: ServerMessage): void {
    switch (message.type) {
      case "connection:ack":
        this.#ledger.beginSnapshot(message.payload.features.includes("output-resume"));
        this.#questions.open();
        return;
      case "agent:list":
        this.#list(message.payload.agents);
        return;
      case "agent:status":
        this.#agents.set(message.payload.agentId, message.payload);
        this.events.emit("agent", message.payload);
        return;
      case "command:queue":
        this.#ledger.queue(message.payload);
        return;
      case "command:status":
        if (isFinal(message.payload.status)) this.#requests.ended(message.payload.commandId);
        this.#requests.answered(message.payload);
        this.#ledger.status(message.payload);
        return;
      case "terminal:output":
        this.#ledger.output(message.payload);
        this.#questions.look();
        return;
      case "output:page":
        this.#ledger.page(message.payload);
        this.#questions.answered();
        return;
      case "attention:changed":
        this.events.emit("attention", message.payload);
        return;
      case "heartbeat":
        if (!this.#ledger.isInSnapshot) return;
        this.#ledger.endSnapshot();
        this.#requests.snapshotEnded();
        this.#questions.look();
        this.events.emit("resynced", undefined);
        return;
      case "token:refreshed":
        return;
      case "error":
        this.#refused(message.payload);
        return;
      default:
        message satisfies never;
    }
  }

  #list(agents: readonly Agent[]): void {
    const isKnown = JSON.stringify([...this.#agents.values()]) === JSON.stringify(agents);
    const isRepeated = this.#isListed && this.#ledger.isInSnapshot && isKnown;
    this.#isListed = true;
    this.#agents = new Map(agents.map((agent) => [agent.agentId, agent]));
    if (!isRepeated) this.events.emit("agents", agents);
  }

  #refused(error: ErrorMessage): void {
    const isAnswer = this.#questions.refused(error) || this.#requests.refused(error);
    if (!isAnswer) this.events.emit("error", error);
    if (error.code === "AUTH_FAILED") this.#renewal.begin();
  }
}
