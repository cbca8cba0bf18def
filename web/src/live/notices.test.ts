import type { dashboard, sessionsAndWorkers } from "pilothouse-client";
import { beforeEach, describe, expect, it } from "vitest";
import { AWAY_MS, LONG_MS, type Notice, Notices, SETTLE_MS } from "./notices";

const agent = (status: dashboard.AgentStatus): dashboard.Agent => ({
  agentId: "build-1",
  agentType: "shell",
  name: "Builder",
  status,
  capabilities: ["commands"],
  metadata: { version: "1", platform: "linux", host: "here" },
  connectedAt: 0,
  lastActivity: 0,
});

const worker = (
  state: sessionsAndWorkers.WorkerState,
  more: { readonly exitCode?: number; readonly epoch?: number } = {},
): sessionsAndWorkers.Worker => ({
  id: "w-1",
  name: "Claude",
  createdAt: "2026-11-21T00:00:00Z",
  state,
  epoch: 1,
  type: "agent",
  agentId: "claude",
  ...more,
});

const session = (...workers: sessionsAndWorkers.Worker[]): sessionsAndWorkers.Session => ({
  id: "s-1",
  locationPath: "/srv/app",
  status: "active",
  createdAt: "2026-11-21T00:00:00Z",
  workers,
  agent: "build-1",
  type: "quick",
});

let now: number;
let isOwnAlone: boolean;
let notices: Notices;

beforeEach(() => {
  now = 1_000_000;
  isOwnAlone = false;
  notices = new Notices(
    () => ({ names: new Set(["ann"]), isOwnAlone }),
    () => now,
  );
});

const pass = (ms: number) => {
  now += ms;
};

function synced(): void {
  notices.agents([agent("online")]);
  notices.dashboardSynced();
  notices.synced([session(worker("running"))], () => "active");
  pass(SETTLE_MS);
}

const begin = (id: string, requestedBy = "ben") =>
  notices.status(
    { commandId: id, agentId: "build-1", status: "running", command: "make", requestedBy },
    "Builder",
  );

const end = (
  id: string,
  status: dashboard.CommandState,
  more: Partial<dashboard.CommandStatus> = {},
) => notices.status({ commandId: id, agentId: "build-1", status, ...more }, "Builder");

describe("commands", () => {
  beforeEach(synced);

  it("that fail are told with their line, their reason and their place", () => {
    expect(begin("c-1")).toBeUndefined();
    expect(end("c-1", "failed", { exitCode: 2 })).toMatchObject<Partial<Notice>>({
      kind: "failed",
      title: "Failed on Builder",
      text: "make: exit code 2",
      to: "/history/commands/c-1",
    });
  });

  it("are told once", () => {
    begin("c-1");
    expect(end("c-1", "failed", { exitCode: 2 })).toBeDefined();
    expect(end("c-1", "failed", { exitCode: 2 })).toBeUndefined();
  });

  it("that somebody interrupted are not told", () => {
    begin("c-1", "ann");
    expect(end("c-1", "interrupted", { executionTime: LONG_MS })).toBeUndefined();
  });

  it("that ended well are told to whoever asked for them, and to all if they took long", () => {
    begin("c-1", "ann");
    expect(end("c-1", "completed", { executionTime: 5 })?.kind).toBe("done");
    begin("c-2");
    expect(end("c-2", "completed", { executionTime: LONG_MS - 1 })).toBeUndefined();
    begin("c-3");
    expect(end("c-3", "completed", { executionTime: LONG_MS })?.text).toBe("make");
  });

  it("of others are not told to those who want their own alone", () => {
    isOwnAlone = true;
    begin("c-1");
    expect(end("c-1", "completed", { executionTime: LONG_MS })).toBeUndefined();
  });

  it("that waited are known by what the queue said", () => {
    const entry = {
      command: "make test",
      priority: "normal",
      position: 1,
      requestedAt: 0,
    } as const;
    const queue = [{ commandId: "c-1", requestedBy: "ann", ...entry }];
    notices.queue({ agentId: "build-1", queue });
    end("c-1", "running");
    expect(end("c-1", "completed", { executionTime: 5 })?.text).toBe("make test");
  });
});

describe("after coming back", () => {
  it("nothing is told of what happened before, and everything of what happens then", () => {
    synced();
    begin("c-1");
    begin("c-2");
    notices.dashboardLost();
    pass(60_000);
    expect(end("c-1", "failed", { exitCode: 1 })).toBeUndefined();
    notices.dashboardSynced();
    pass(SETTLE_MS - 1);
    begin("c-3");
    expect(end("c-3", "failed", { exitCode: 1 })).toBeUndefined();
    pass(1);
    expect(end("c-1", "failed", { exitCode: 1 })).toBeUndefined();
    expect(end("c-2", "failed", { exitCode: 1 })).toBeDefined();
  });

  it("agents that come late are not told as lost", () => {
    synced();
    notices.dashboardLost();
    notices.agents([agent("offline")]);
    notices.dashboardSynced();
    pass(AWAY_MS * 2);
    expect(notices.due()).toEqual([]);
  });

  it("a worker that asks already is not told again", () => {
    synced();
    notices.activity(session(worker("running")), "w-1", "asking");
    notices.sessionsLost();
    notices.synced([session(worker("running"))], () => "asking");
    expect(notices.activity(session(worker("running")), "w-1", "asking")).toBeUndefined();
  });
});

describe("agents", () => {
  beforeEach(synced);

  it("that go are told when they have stayed away", () => {
    expect(notices.agent(agent("offline"))).toBeUndefined();
    expect(notices.dueAt).toBe(now + AWAY_MS);
    pass(AWAY_MS - 1);
    expect(notices.due()).toEqual([]);
    pass(1);
    expect(notices.due()).toMatchObject([{ kind: "failed", title: "Builder went offline" }]);
    expect(notices.due()).toEqual([]);
  });

  it("that come back soon are not told", () => {
    notices.agent(agent("offline"));
    pass(1000);
    notices.agent(agent("online"));
    pass(AWAY_MS);
    expect(notices.due()).toEqual([]);
    expect(notices.dueAt).toBeUndefined();
  });

  it("in trouble are told at once", () => {
    expect(notices.agent(agent("error"))?.title).toBe("Builder is in trouble");
    expect(notices.agent(agent("error"))).toBeUndefined();
  });
});

describe("workers", () => {
  beforeEach(synced);
  const running = session(worker("running"));

  it("that begin to ask are told, with where to answer", () => {
    expect(notices.activity(running, "w-1", "asking")).toMatchObject<Partial<Notice>>({
      kind: "asking",
      title: "Claude waits for you",
      text: "/srv/app",
      to: "/sessions/s-1?worker=w-1",
    });
  });

  it("whose turn was long are done when they are idle", () => {
    notices.activity(running, "w-1", "idle");
    pass(1000);
    notices.activity(running, "w-1", "active");
    pass(LONG_MS - 1);
    expect(notices.activity(running, "w-1", "idle")).toBeUndefined();
    notices.activity(running, "w-1", "active");
    pass(LONG_MS);
    expect(notices.activity(running, "w-1", "idle")?.title).toBe("Claude is done");
  });

  it("that end badly are told once, and those that end well or were there so are not", () => {
    expect(notices.session(session(worker("ended", { exitCode: 0 })))).toEqual([]);
    expect(notices.session(session(worker("ended", { exitCode: 143, epoch: 5 })))).toEqual([]);
    const failed = session(worker("ended", { exitCode: 3, epoch: 2 }));
    expect(notices.session(failed)).toMatchObject([
      { title: "Claude ended", text: "/srv/app: exit code 3" },
    ]);
    expect(notices.session(failed)).toEqual([]);
    notices.synced([failed], () => "unknown");
    expect(notices.session(failed)).toEqual([]);
  });
});

describe("runs", () => {
  const item = (more: Partial<dashboard.AttentionChanged> = {}): dashboard.AttentionChanged => ({
    subjectType: "run",
    subjectId: "run-1",
    waits: true,
    agentId: "build-1",
    reason: "runAsks",
    text: "Which size?",
    ...more,
  });
  const told = (more?: Partial<dashboard.AttentionChanged>) =>
    notices.attention(item(more), "Builder");

  it("that ask, want approval or failed are told, and where they are answered", () => {
    synced();
    expect(told()).toMatchObject({
      kind: "asking",
      title: "A run asks you on Builder",
      text: "Which size?",
      to: "/runs/run-1",
      shownAt: ["/runs/run-1", "/"],
    });
    expect(told({ reason: "runWantsApproval" })?.kind).toBe("asking");
    expect(told({ reason: "runFailed" })?.kind).toBe("failed");
  });

  it("that were answered, that waited before, and other subjects are not", () => {
    synced();
    notices.dashboardLost();
    notices.dashboardSynced();
    expect(told()).toBeUndefined();
    pass(SETTLE_MS);
    expect(told()).toBeDefined();
    expect(told({ waits: false })).toBeUndefined();
    expect(told({ subjectType: "worker", reason: "workerAsks" })).toBeUndefined();
    expect(told({ reason: "constructor" })).toBeUndefined();
  });
});
