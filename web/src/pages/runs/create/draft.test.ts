import { expect, it } from "vitest";
import { firstDraft, hostsOf, type RunDraft, wishOf } from "./draft";

const wish = (more: Partial<RunDraft>) => wishOf({ ...firstDraft(), ...more });

it("a task alone is enough", () => {
  expect(wish({ task: " buy shoes " })).toEqual({ wish: { task: "buy shoes" } });
});

it("everything that was filled in is asked for, and nothing of the other kind", () => {
  const script = '[{"type":"back"}]';
  expect(
    wish({
      kind: "script",
      task: "not this",
      script,
      agentId: "shop-1",
      sessionId: "s1",
      approval: true,
      hosts: "shop.test, https://pay.test:8443/x",
      maxSteps: "5",
      minutes: "2",
    }),
  ).toEqual({
    wish: {
      script: [{ type: "back" }],
      agentId: "shop-1",
      sessionId: "s1",
      approval: true,
      allowedHosts: ["shop.test", "pay.test:8443"],
      maxSteps: 5,
      timeout: 120_000,
    },
  });
});

it("hosts count with approval alone", () => {
  expect(wish({ task: "x", hosts: "no host!" })).toEqual({ wish: { task: "x" } });
});

it.each<[Partial<RunDraft>, string]>([
  [{}, "task"],
  [{ task: "x".repeat(16 * 1024 + 1) }, "task"],
  [{ kind: "script", script: "[" }, "script"],
  [{ task: "x", approval: true, hosts: "a b!" }, "hosts"],
  [{ task: "x", maxSteps: "0" }, "maxSteps"],
  [{ task: "x", maxSteps: "many" }, "maxSteps"],
  [{ task: "x", minutes: "1.5" }, "minutes"],
])("%j says what is wrong at its field", (more, field) => {
  const answer = wish(more);
  expect("problems" in answer ? Object.keys(answer.problems) : answer).toEqual([field]);
});

it("hosts stand between blanks and commas, each once", () => {
  expect(hostsOf("Shop.test,\n*.shop.test  localhost:3000 shop.test")).toEqual({
    hosts: ["shop.test", "*.shop.test", "localhost:3000"],
    wrong: [],
  });
  expect(hostsOf("a..b/ -x").wrong).toEqual(["a..b/", "-x"]);
});
