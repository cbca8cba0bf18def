// A server that prints, keeps a part, skips, and loses connections by chance: every record is told once.

import { expect, it } from "vitest";
import type { TerminalOutput } from "../../wire/dashboard.js";
import { Ledger } from "./ledger.js";

const COMMAND = "cmd-1";

/** A sequence of numbers from 0 to 1 that is the same in every run. */
function chance(seed: number): () => number {
  let state = seed * 2_654_435_761 + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

const record = (sequence: number): TerminalOutput => ({
  commandId: COMMAND,
  agentId: "a",
  data: `${sequence}`,
  stream: "stdout",
  sequence,
});

/** One command of `records` records over as many connections as it takes. What is told, gaps included. */
function play(seed: number, records: number, keeps: number): { told: string[]; ended: number } {
  const random = chance(seed);
  const told: string[] = [];
  let ended = 0;
  const ledger = new Ledger("all", {
    output: ({ sequence }) => told.push(`${sequence}`),
    gap: ({ fromSequence, nextSequence }) => {
      for (let missing = fromSequence; missing < nextSequence; missing++) told.push(`(${missing})`);
    },
    status: ({ status }) => {
      if (status === "completed") ended += 1;
    },
    queue: () => {},
    forgotten: () => told.push("forgotten"),
  });
  const status = (state: "running" | "completed") =>
    ledger.status({ commandId: COMMAND, agentId: "a", status: state });
  let printed = 0;
  /** A page that was read and is not there yet: what comes live may overtake it. */
  let page: (() => void) | undefined;
  const connect = () => {
    page = undefined;
    ledger.beginSnapshot(true);
    if (printed < records) status("running");
    ledger.endSnapshot();
  };
  /** The server answers one question, with a piece of what it keeps. */
  const answer = () => {
    if (page !== undefined) {
      page();
      page = undefined;
      return;
    }
    const question = ledger.question();
    if (question === undefined) return;
    const oldest = Math.max(question.afterSequence + 1, printed - keeps + 1);
    const size = 1 + Math.floor(random() * 8);
    const all: TerminalOutput[] = [];
    for (let next = oldest; next <= printed && all.length < size; next++) all.push(record(next));
    const isLast = (all.at(-1)?.sequence ?? printed) >= printed;
    const isOver = isLast && printed >= records;
    page = () => {
      ledger.page({ commandId: COMMAND, agentId: "a", records: all, isLast });
      if (isOver) status("completed");
    };
  };
  connect();
  while (printed < records) {
    const happens = random();
    if (happens < 0.1) {
      // Away: what is printed meanwhile reaches nobody.
      printed = Math.min(records, printed + Math.floor(random() * 20));
      connect();
    } else if (happens < 0.15) {
      // Too slow: the server skips, and says so.
      printed = Math.min(records, printed + 1 + Math.floor(random() * 5));
      ledger.output({ ...record(printed), data: "[…]", gap: { nextSequence: printed + 1 } });
    } else if (happens < 0.4) {
      answer();
    } else {
      printed += 1;
      ledger.output(record(printed));
      // A page and what comes live may overlap.
      if (random() < 0.1) ledger.output(record(printed));
    }
  }
  status("completed");
  for (let round = 0; round < 10_000 && (ledger.hasQuestions || page); round++) answer();
  return { told, ended };
}

it("tells every record once and in order, whatever happens", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const wanted = Array.from({ length: 200 }, (_, n) => `${n + 1}`);
    expect(play(seed, 200, 1000), `seed ${seed}`).toEqual({ told: wanted, ended: 1 });
  }
});

it("and where the server keeps too little, what is missing is told as a gap, once and in its place", () => {
  let gaps = 0;
  for (let seed = 1; seed <= 300; seed++) {
    const { told, ended } = play(seed, 200, 3);
    const numbers = told.map((line) => Number(line.replace(/[()]/g, "")));
    expect(numbers, `seed ${seed}`).toEqual(Array.from({ length: 200 }, (_, n) => n + 1));
    expect(ended).toBe(1);
    gaps += told.filter((line) => line.startsWith("(")).length;
  }
  expect(gaps).toBeGreaterThan(100);
});

it("how somebody else's command ended is asked for, without its output", () => {
  const ended: string[] = [];
  const ledger = new Ledger("own", {
    output: () => {},
    gap: () => {},
    status: ({ commandId, status }) => ended.push(`${commandId} ${status}`),
    queue: () => {},
    forgotten: (id) => ended.push(`${id} forgotten`),
  });
  ledger.beginSnapshot(true);
  for (const id of ["other-1", "other-2"]) {
    ledger.status({ commandId: id, agentId: "a", status: "running", requestedAt: 1 });
  }
  ledger.endSnapshot();
  ledger.beginSnapshot(true);
  ledger.endSnapshot();
  const afterSequence = Number.MAX_SAFE_INTEGER;
  expect(ledger.question()).toEqual({ commandId: "other-1", afterSequence });
  ledger.page({ commandId: "other-1", agentId: "a", records: [], isLast: true });
  ledger.status({ commandId: "other-1", agentId: "a", status: "failed" });
  expect(ledger.question()).toEqual({ commandId: "other-2", afterSequence });
  ledger.forget("other-2");
  expect(ended.slice(2)).toEqual(["other-1 failed", "other-2 forgotten"]);
});
