// Runs: browser tasks that agents do step by step, each told with its screenshot, and how it ended.

import type { Loss } from "../connection/attempt.js";
import { BACKOFFS } from "../connection/backoff.js";
import { Connection, type ConnectionState, type Waiting } from "../connection/connection.js";
import { decoderOf, type KnownTypes } from "../connection/decode.js";
import { Emitter, type Listener } from "../connection/events.js";
import type { ConnectionOptions } from "../connection/options.js";
import { AwayError, type PilothouseError, RejectedError, SetupError } from "../errors.js";
import type {
  ClientMessage,
  Completion,
  ErrorMessage,
  RunStatus,
  ServerMessage,
  StepUpdate,
} from "../wire/runs.js";
import { FollowedRun } from "./runs/followed.js";

/** How to follow runs. The token is said in the first message and shown nowhere else. */
export interface RunsOptions extends Omit<ConnectionOptions, "tokenPlace" | "mostWaiting"> {
  /** Whether to be told how runs stand: under way, paused, waiting for a person. Not if absent. */
  readonly extended?: boolean | undefined;
}

/** What is told about all runs that are followed; each tells the same of itself. */
export interface RunsEvents {
  state: ConnectionState;
  step: StepUpdate;
  status: RunStatus;
  completion: Completion;
  /** Something was refused, about a run or not. */
  error: RejectedError;
  lost: Loss;
  reconnecting: Waiting;
  /** It is over, and why. */
  closed: PilothouseError;
  /** Something of a later version. */
  unknown: string;
}

/** Where a run's steps begin. */
export interface StartOptions {
  /** The number of the last step that is known already; all are told if absent. */
  readonly afterStep?: number | undefined;
}

/** What is decided about a request that is held back. */
export interface Decision {
  readonly granted: boolean;
  readonly reason?: string | undefined;
  /** Whether the same holds for all that the run sends to that host from now on. */
  readonly always?: boolean | undefined;
}

/** The types of messages from the server. */
export const RUNS_SERVER_MESSAGE_TYPES: KnownTypes<ServerMessage> = {
  authentication: true,
  step_update: true,
  completion: true,
  run_status: true,
  error: true,
};

/** Browsers do not see pings, and a run may say nothing for minutes: the token is shown again, which is answered. */
const HEARTBEAT = { everyMs: 60_000, deadAfterMs: 75_000, onlyInSilence: true };

const NOT_STARTED = "Failed to start agent";
const TOKEN_EXPIRED = "Authentication token expired";

/** See the top of the file. */
export class RunsClient {
  readonly #events = new Emitter<RunsEvents>();
  readonly #connection: Connection<ServerMessage, ClientMessage>;
  readonly #runs = new Map<string, FollowedRun>();
  readonly #extended: boolean;

  constructor(options: RunsOptions) {
    this.#extended = options.extended ?? false;
    this.#connection = new Connection<ServerMessage, ClientMessage>(options, {
      path: () => "/ws",
      decode: decoderOf<ServerMessage>(RUNS_SERVER_MESSAGE_TYPES),
      encode: (message) => JSON.stringify(message),
      backoff: BACKOFFS.sessions,
      heartbeat: HEARTBEAT,
      beat: () => void this.#showToken(),
      introduction: (token = "") => ({ type: "authenticate", token }),
      isGreeting: (message) => message.type === "authentication" && message.status === "success",
      refusal: (message) =>
        message.type === "authentication" && message.status === "failed"
          ? (message.reason ?? message.error ?? "the token was refused")
          : undefined,
      // Runs are said anew with every connection, and what is wanted of them now means something else later.
      mostWaiting: 0,
    });
    this.#listen();
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  /** Whether the server has taken the token of the present connection. */
  get isAuthenticated(): boolean {
    return this.state === "open";
  }

  /** The runs that are followed: those that were started here and have not ended. */
  get activeRuns(): ReadonlyMap<string, FollowedRun> {
    return this.#runs;
  }

  /** Calls `listener` from now on; what is returned ends that. */
  on<Name extends keyof RunsEvents>(name: Name, listener: Listener<RunsEvents[Name]>): () => void {
    return this.#events.on(name, listener);
  }

  /** Resolves as soon as the token was taken; the connection then comes back by itself. */
  connect(): Promise<void> {
    return this.#connection.connect();
  }

  /** Tries now, whatever was waited for, and also when it was over. */
  reconnect(): void {
    this.#connection.reconnect();
  }

  /**
   * Follows a run: all of its steps, those to come, and its end, over however many connections. One that is followed
   * already is given back as it is.
   */
  startAgent(runId: string, { afterStep = 0 }: StartOptions = {}): FollowedRun {
    if (runId === "") throw new SetupError("there is no run without an id");
    const followed = this.#runs.get(runId);
    if (followed !== undefined) return followed;
    const run = new FollowedRun(runId, afterStep);
    this.#runs.set(runId, run);
    if (this.state === "open") this.#start(run);
    return run;
  }

  /** Follows it no more. It goes on. */
  forget(runId: string): void {
    this.#runs.get(runId)?.end(new AwayError("it was forgotten"));
    this.#runs.delete(runId);
  }

  /** Has a run end. That it did is told by its completion, and that it may not by `error`; as with all below. */
  cancel(runId: string, reason?: string): void {
    this.#connection.sendNow({
      type: "cancel_run",
      runId,
      ...(reason === undefined ? {} : { reason }),
    });
  }

  /** Has a run hold still. */
  pause(runId: string): void {
    this.#connection.sendNow({ type: "pause_run", runId });
  }

  /** Has a paused run go on. */
  resume(runId: string): void {
    this.#connection.sendNow({ type: "resume_run", runId });
  }

  /** Answers the question that a run waits with. */
  reply(runId: string, wait: string, text: string): void {
    this.#connection.sendNow({ type: "reply", runId, wait, text });
  }

  /** Allows or refuses what a run wants to send. */
  decide(runId: string, wait: string, { granted, reason, always }: Decision): void {
    const more = {
      ...(reason === undefined ? {} : { reason }),
      ...(always === undefined ? {} : { always }),
    };
    this.#connection.sendNow({ type: "decide", runId, wait, granted, ...more });
  }

  /** Closes the connection for good. Runs go on. */
  dispose(): void {
    this.#connection.dispose();
    this.#endAll(new AwayError("the client was disposed of"));
    this.#events.silence();
  }

  #start(run: FollowedRun): void {
    const afterStep = run.lastStep > 0 ? { afterStep: run.lastStep } : {};
    const extended = this.#extended ? { extended: true } : {};
    this.#connection.sendNow({ type: "start_agent", runId: run.id, ...afterStep, ...extended });
  }

  async #showToken(): Promise<void> {
    try {
      const token = await this.#connection.token.current();
      if (this.state === "open")
        this.#connection.sendNow({ type: "authenticate", token: token ?? "" });
    } catch {
      // There is none to be had now; the server closes the connection if it needs one.
    }
  }

  #listen(): void {
    const { events } = this.#connection;
    events.on("message", (message) => this.#take(message));
    events.on("open", () => {
      for (const run of this.#runs.values()) if (this.state === "open") this.#start(run);
    });
    events.on("state", (state) => this.#events.emit("state", state));
    events.on("lost", (loss) => this.#events.emit("lost", loss));
    events.on("waiting", (waiting) => this.#events.emit("reconnecting", waiting));
    events.on("closed", (error) => {
      this.#endAll(error);
      this.#events.emit("closed", error);
    });
    events.on("unknown", (text) => this.#events.emit("unknown", text));
  }

  #take(message: ServerMessage): void {
    switch (message.type) {
      case "step_update":
        // What was forgotten is still told on this connection.
        if (this.#runs.get(message.runId)?.stepped(message)) this.#events.emit("step", message);
        return;
      case "run_status":
        this.#runs.get(message.runId)?.stands(message);
        if (this.#runs.has(message.runId)) this.#events.emit("status", message);
        return;
      case "completion":
        this.#complete(message);
        return;
      case "error":
        this.#refused(message);
        return;
      case "authentication":
        return;
      default:
        message satisfies never;
    }
  }

  #complete(completion: Completion): void {
    const run = this.#runs.get(completion.runId);
    if (run === undefined) return;
    this.#runs.delete(run.id);
    run.complete(completion);
    this.#events.emit("completion", completion);
  }

  #refused({ error, reason, runId }: ErrorMessage): void {
    const rejected = new RejectedError(reason ?? error, error);
    const run = runId === undefined ? undefined : this.#runs.get(runId);
    if (error === TOKEN_EXPIRED && this.#connection.token.canRenew) {
      this.#connection.token.refused();
      void this.#showToken();
    }
    if (run !== undefined && error === NOT_STARTED) {
      this.#runs.delete(run.id);
      run.end(rejected);
    } else run?.refuse(rejected);
    this.#events.emit("error", rejected);
  }

  #endAll(error: PilothouseError): void {
    const runs = [...this.#runs.values()];
    this.#runs.clear();
    for (const run of runs) run.end(error);
  }
}
