// What is worth telling somebody who looks elsewhere: rules, from events to notices. Pure; the clock is a parameter.

import type { dashboard, sessionsAndWorkers } from "pilothouse-client";

/** What a notice tells of. */
export type NoticeKind = "asking" | "failed" | "done";

/** Something to be told. */
export interface Notice {
  /** The same in every tab, so that one of them tells it. */
  readonly id: string;
  readonly kind: NoticeKind;
  readonly title: string;
  readonly text: string;
  /** Where a click leads. */
  readonly to: string;
  /** Views on which it is to be seen anyway. */
  readonly shownAt: readonly string[];
}

/** Who looks, and what they want to hear. */
export interface Listening {
  /** The names that the server has for the person. */
  readonly names: ReadonlySet<string>;
  /** Whether only what that person asked for is told when it is done. */
  readonly isOwnAlone: boolean;
}

type Status = dashboard.CommandStatus;
type Session = sessionsAndWorkers.Session;
type Activity = sessionsAndWorkers.AgentActivityState;

/** What takes so long, people do something else meanwhile. */
export const LONG_MS = 10_000;
/** After coming back, so long comes what happened before. */
export const SETTLE_MS = 2_000;
/** An agent that is away for less was restarted, or its network blinked. */
export const AWAY_MS = 15_000;

/** What a command is, which its end may not say again. */
type Begun = Pick<Status, "command" | "requestedBy">;

/** Keeps as little as it takes to tell what is new: what runs and waits, and how each worker and agent is. */
export class Notices {
  readonly #begun = new Map<string, Begun>();
  readonly #ended = new Set<string>();
  readonly #agents = new Map<string, dashboard.AgentStatus>();
  readonly #away = new Map<string, { readonly name: string; readonly at: number }>();
  readonly #activities = new Map<string, { readonly is: Activity; readonly since: number }>();
  readonly #lives = new Map<string, string>();
  #dashboardTrueAt = Number.POSITIVE_INFINITY;
  #areSessionsTrue = false;

  constructor(
    private readonly listening: () => Listening,
    private readonly now: () => number,
  ) {}

  /** The dashboard's connection ended: what comes next is from before. */
  dashboardLost(): void {
    this.#dashboardTrueAt = Number.POSITIVE_INFINITY;
    this.#away.clear();
  }

  /** The dashboard has told how things are now. */
  dashboardSynced(): void {
    this.#dashboardTrueAt = this.now() + SETTLE_MS;
  }

  get #isNew(): boolean {
    return this.now() >= this.#dashboardTrueAt;
  }

  /** Commands wait: who asked for them is told now, and not when they end. */
  queue({ queue }: dashboard.CommandQueue): void {
    for (const { commandId, command, requestedBy } of queue) {
      this.#begun.set(commandId, { command, requestedBy });
    }
  }

  status(status: Status, agentName: string): Notice | undefined {
    const id = status.commandId;
    if (status.status === "queued" || status.status === "running") {
      const { command, requestedBy } = status;
      this.#begun.set(id, {
        ...this.#begun.get(id),
        ...(command === undefined ? {} : { command }),
        ...(requestedBy === undefined ? {} : { requestedBy }),
      });
      return undefined;
    }
    const begun = this.#begun.get(id);
    this.#begun.delete(id);
    if (this.#ended.has(id)) return undefined;
    this.#remember(id);
    return this.#isNew ? this.#ending({ ...begun, ...status }, agentName) : undefined;
  }

  #remember(id: string): void {
    this.#ended.add(id);
    const [oldest] = this.#ended;
    if (this.#ended.size > 256 && oldest !== undefined) this.#ended.delete(oldest);
  }

  #ending(status: Status, agentName: string): Notice | undefined {
    const { commandId, agentId, executionTime = 0, requestedBy } = status;
    const line = status.command ?? "A command";
    const common = {
      to: `/history/commands/${encodeURIComponent(commandId)}`,
      shownAt: [`/agents/${agentId}`, `/history/commands/${commandId}`],
    };
    if (status.status === "failed") {
      const text = `${line}: ${reasonOf(status)}`;
      return {
        id: `${commandId} failed`,
        kind: "failed",
        title: `Failed on ${agentName}`,
        text,
        ...common,
      };
    }
    if (status.status !== "completed") return undefined;
    const { names, isOwnAlone } = this.listening();
    const isOwn = requestedBy !== undefined && names.has(requestedBy);
    if (!isOwn && (isOwnAlone || executionTime < LONG_MS)) return undefined;
    return {
      id: `${commandId} done`,
      kind: "done",
      title: `Done on ${agentName}`,
      text: line,
      ...common,
    };
  }

  /** All agents as they are: nothing is told of what was so already. */
  agents(agents: readonly dashboard.Agent[]): void {
    for (const agent of agents) this.agent(agent);
  }

  /** One agent changed. That it is away is told by `due`, unless it comes back before. */
  agent({ agentId, name, status }: dashboard.Agent): Notice | undefined {
    const before = this.#agents.get(agentId);
    this.#agents.set(agentId, status);
    if (status !== "offline") this.#away.delete(agentId);
    if (before === undefined || before === status || !this.#isNew) return undefined;
    if (status === "offline") this.#away.set(agentId, { name, at: this.now() + AWAY_MS });
    if (status !== "error") return undefined;
    return agentNotice(
      agentId,
      `${name} is in trouble`,
      "The agent says that something is wrong",
      this.now(),
    );
  }

  /** When `due` has something to tell next. */
  get dueAt(): number | undefined {
    const [first] = [...this.#away.values()].toSorted((a, b) => a.at - b.at);
    return first?.at;
  }

  /** What has been so for long enough. */
  due(): readonly Notice[] {
    const over = [...this.#away].filter(([, { at }]) => at <= this.now());
    return over.map(([agentId, { name, at }]) => {
      this.#away.delete(agentId);
      return agentNotice(agentId, `${name} went offline`, "It has not come back so far", at);
    });
  }

  /** Something waits for a person. Of commands, agents and workers others tell it. */
  attention(item: dashboard.AttentionChanged, agentName: string): Notice | undefined {
    const { subjectType, subjectId, waits, reason = "", text = "" } = item;
    const words = Object.hasOwn(RUN_WORDS, reason) ? RUN_WORDS[reason] : undefined;
    if (subjectType !== "run" || !waits || words === undefined || !this.#isNew) return undefined;
    return {
      id: `${subjectId} ${reason} ${minute(this.now())}`,
      kind: words.kind,
      title: `${words.title} on ${agentName}`,
      text,
      to: `/runs/${encodeURIComponent(subjectId)}`,
      shownAt: [`/runs/${subjectId}`, "/"],
    };
  }

  /** The sessions' connection ended. */
  sessionsLost(): void {
    this.#areSessionsTrue = false;
  }

  /** All sessions and what their workers do: nothing is told of what was so already. */
  synced(sessions: Iterable<Session>, activityOf: (workerId: string) => Activity): void {
    this.#lives.clear();
    const known = new Map(this.#activities);
    this.#activities.clear();
    for (const { workers } of sessions) {
      for (const worker of workers) {
        this.#lives.set(worker.id, lifeOf(worker));
        const is = activityOf(worker.id);
        const before = known.get(worker.id);
        this.#activities.set(worker.id, before?.is === is ? before : { is, since: this.now() });
      }
    }
    this.#areSessionsTrue = true;
  }

  /** A session changed: a worker of it may have ended badly. */
  session(session: Session): readonly Notice[] {
    return session.workers.flatMap((worker) => {
      const life = lifeOf(worker);
      const before = this.#lives.get(worker.id);
      this.#lives.set(worker.id, life);
      const isNews = this.#areSessionsTrue && before !== undefined && before !== life;
      const { exitCode } = worker;
      const hasFailed = worker.state === "ended" && exitCode !== undefined && !WANTED.has(exitCode);
      if (!isNews || !hasFailed || worker.type !== "agent") return [];
      const text = `${titleOf(session)}: exit code ${exitCode}`;
      const id = `${worker.id} ${life} failed`;
      return [
        { id, kind: "failed", title: `${worker.name} ended`, text, ...placeOf(session, worker.id) },
      ];
    });
  }

  /** A session was forgotten, with its workers. */
  forget(session: Session | undefined): void {
    for (const { id } of session?.workers ?? []) {
      this.#lives.delete(id);
      this.#activities.delete(id);
    }
  }

  /** What a worker does changed: it asks, or its turn is over. */
  activity(session: Session | undefined, workerId: string, is: Activity): Notice | undefined {
    const before = this.#activities.get(workerId);
    if (before?.is === is) return undefined;
    const since = this.now();
    this.#activities.set(workerId, { is, since });
    if (!this.#areSessionsTrue || session === undefined) return undefined;
    const name = session.workers.find(({ id }) => id === workerId)?.name ?? "A worker";
    const common = { text: titleOf(session), ...placeOf(session, workerId) };
    if (is === "asking") {
      const { shownAt } = common;
      const id = `${workerId} asks ${minute(since)}`;
      return {
        id,
        kind: "asking",
        title: `${name} waits for you`,
        ...common,
        shownAt: [...shownAt, "/"],
      };
    }
    const wasLong = before?.is === "active" && since - before.since >= LONG_MS;
    if (is !== "idle" || !wasLong) return undefined;
    return {
      id: `${workerId} idle ${minute(since)}`,
      kind: "done",
      title: `${name} is done`,
      ...common,
    };
  }
}

/** How processes end that did well, or that somebody ended: hung up, interrupted, asked to end. */
const WANTED: ReadonlySet<number> = new Set([0, 129, 130, 143]);

/** Why runs wait for a person, as notices say it. */
const RUN_WORDS: Readonly<Record<string, { readonly kind: NoticeKind; readonly title: string }>> = {
  runAsks: { kind: "asking", title: "A run asks you" },
  runWantsApproval: { kind: "asking", title: "A run wants approval" },
  runFailed: { kind: "failed", title: "A run failed" },
};

/** Tabs hear of something within moments of each other. */
const minute = (at: number) => Math.floor(at / 60_000);

const lifeOf = ({ epoch, state }: sessionsAndWorkers.Worker) => `${epoch} ${state}`;

const titleOf = ({ title, locationPath }: Session) => title ?? locationPath;

const placeOf = ({ id }: Session, workerId: string) => ({
  to: `/sessions/${encodeURIComponent(id)}?worker=${encodeURIComponent(workerId)}`,
  shownAt: [`/sessions/${id}`],
});

const agentNotice = (agentId: string, title: string, text: string, at: number): Notice => ({
  id: `${agentId} ${title} ${minute(at)}`,
  kind: "failed",
  title,
  text,
  to: `/agents/${encodeURIComponent(agentId)}`,
  shownAt: [`/agents/${agentId}`, "/"],
});

function reasonOf({ exitCode, signal, error }: Status): string {
  if (signal !== undefined) return `ended by ${signal}`;
  if (exitCode !== undefined && exitCode !== 0) return `exit code ${exitCode}`;
  return error ?? "it did not end well";
}
