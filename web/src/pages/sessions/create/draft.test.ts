// What is wrong with a session that is to be made, and what the server is asked for it.

import type { sessionsAndWorkers } from "pilothouse-client";
import { describe, expect, test } from "vitest";
import {
  fieldOf,
  firstDraft,
  folderSuggestions,
  isWorkerApart,
  problemsOf,
  type SessionDraft,
  wanted,
} from "./draft";

const draft = (change: Partial<SessionDraft> = {}): SessionDraft => ({
  ...firstDraft("build-1"),
  folder: "/srv/shop",
  ...change,
});
const worktree = (change: Partial<SessionDraft> = {}) =>
  draft({ place: "worktree", repositoryId: "r1", branch: "fix", ...change });
const agent = (prompt: string, continues = false) => ({
  kind: "agent:claude" as const,
  prompt,
  continues,
});

describe("what is wrong", () => {
  test("nothing, with a folder from / or home", () => {
    expect(problemsOf(draft())).toEqual({});
    expect(problemsOf(draft({ folder: "~/shop" }))).toEqual({});
    expect(problemsOf(worktree())).toEqual({});
  });

  test.each([
    [draft({ folder: " " }), "folder"],
    [draft({ folder: "shop" }), "folder"],
    [draft({ folder: "~shop" }), "folder"],
    [draft({ agentId: "" }), "agentId"],
    [worktree({ repositoryId: "" }), "repositoryId"],
    [worktree({ branch: "" }), "branch"],
    [worktree({ branch: "-x" }), "branch"],
    [worktree({ branch: "a b" }), "branch"],
    [worktree({ mode: "open" }), "worktree"],
  ])("%j is wrong at one field", (wrong, field) => {
    expect(Object.keys(problemsOf(wrong))).toEqual([field]);
  });
});

describe("what is asked for", () => {
  test("a folder, with an agent and its prompt", () => {
    const asked = wanted(draft({ title: " Shop ", worker: agent(" tidy up ") }), []);
    expect(asked).toEqual({
      kind: "session",
      body: {
        type: "quick",
        agentId: "build-1",
        locationPath: "/srv/shop",
        title: "Shop",
        agentType: "claude",
        initialPrompt: "tidy up",
      },
    });
  });

  test("a terminal, and an agent that goes on, are begun in the session that is there then", () => {
    for (const worker of [draft().worker, agent("x", true)]) {
      expect(isWorkerApart(draft({ worker }))).toBe(true);
      expect(wanted(draft({ worker }), []).body).not.toHaveProperty("agentType");
    }
    expect(isWorkerApart(draft({ worker: agent("x") }))).toBe(false);
    expect(isWorkerApart(draft({ worker: { ...agent(""), kind: "none" } }))).toBe(false);
  });

  test("a new branch from another, in a worktree with a session", () => {
    expect(wanted(worktree({ base: "main" }), [])).toEqual({
      kind: "worktree",
      repository: "r1",
      body: { mode: "custom", branch: "fix", baseBranch: "main", autoStartSession: true },
    });
  });

  test("a branch that is there has no base, even if one was written before", () => {
    expect(wanted(worktree({ mode: "existing", base: "main" }), []).body).not.toHaveProperty(
      "baseBranch",
    );
  });

  test("a worktree that is there, with the branch it was seen on", () => {
    const known = [{ path: "/w", branch: "b", isMain: false, repositoryId: "r1" }];
    const asked = wanted(worktree({ mode: "open", worktree: "/w" }), known);
    expect(asked.body).toMatchObject({ type: "worktree", locationPath: "/w", worktreeId: "b" });
  });
});

test.each([
  ["there is nothing at /srv/shop", draft(), "folder"],
  ["/srv/shop is not a directory", draft(), "folder"],
  ["/etc leads to /etc, which belongs to the system; choose another directory", draft(), "folder"],
  ["agent build-1 is not connected; start it or look at its machine", draft(), "agentId"],
  ["there is no agent type x; there are claude, codex", draft(), "worker"],
  ["a prompt has at most 65536 bytes", draft(), "worker"],
  ["git refused: fatal: a branch named 'fix' already exists", worktree(), "branch"],
  ["git refused: fatal: invalid reference: nope", worktree({ base: "nope" }), "base"],
  [
    "git refused: fatal: 'fix' is already checked out at '/w'",
    worktree({ mode: "existing" }),
    "branch",
  ],
  [
    "/w is not a worktree of the repository",
    worktree({ mode: "open", worktree: "/w" }),
    "worktree",
  ],
  ["nothing can be stored now", draft(), "form"],
])("%s is said at its field", (words, about, field) => {
  expect(fieldOf(words, about)).toBe(field);
});

test("folders of the agent are suggested, those used last first, each once", () => {
  const session = (path: string, day: number, agentId = "build-1"): sessionsAndWorkers.Session => ({
    id: path,
    type: "quick",
    locationPath: path,
    status: "active",
    createdAt: `2026-01-0${day}T00:00:00.000Z`,
    workers: [],
    agent: agentId,
  });
  const sessions = [
    session("/a", 1),
    session("/b", 3),
    session("/a", 2),
    session("/c", 4, "other"),
  ];
  const repositories = [
    { id: "r", agent: "build-1", name: "b", path: "/b", registeredAt: "" },
    { id: "r2", agent: "build-1", name: "d", path: "/d", registeredAt: "" },
  ];
  const found = folderSuggestions("build-1", sessions, repositories, "/home/ann");
  expect(found.map(({ value }) => value)).toEqual(["/b", "/a", "/d", "/home/ann"]);
});
