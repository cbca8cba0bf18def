import { expect, it } from "vitest";
import { RestClient } from "./client.js";
import { commandOutput } from "./output.js";

const piece = (position: number, text: string) => ({
  stream: "stdout",
  position,
  text,
  at: "2026-11-21T09:12:00.000Z",
});

/** A client that gets these pages, and the addresses it asked for. */
function pages(...answers: object[]) {
  const asked: string[] = [];
  const fetch = async (url: URL | RequestInfo) => {
    asked.push(String(url).replace("http://fake/api/v1/commands/c%201/output", ""));
    const answer = answers.shift();
    if (answer === undefined) throw new Error("nothing more was expected");
    return Response.json(answer);
  };
  return { rest: new RestClient({ server: "http://fake", fetch, retries: 0 }), asked };
}

const read = async (output: ReturnType<typeof commandOutput>) => {
  const all = [];
  for await (const one of output) all.push(one);
  return all;
};

it("output is read page after page to its end", async () => {
  const { rest, asked } = pages(
    { output: [piece(0, "one\n")], next: 4, pruned: 0, end: false },
    { output: [piece(4, "two\n")], next: 8, pruned: 0, end: true },
  );
  const all = await read(commandOutput(rest, "c 1"));
  expect(all.map((one) => one.kind === "output" && one.text)).toEqual(["one\n", "two\n"]);
  expect(asked).toEqual(["?from=0", "?from=4"]);
});

it("what is there is all, unless one waits", async () => {
  const empty = { output: [], next: 4, pruned: 0, end: false };
  const { rest } = pages(empty);
  expect(await read(commandOutput(rest, "c 1", { from: 4 }))).toEqual([]);
  const waiting = pages(empty, { output: [piece(4, "!")], next: 5, pruned: 0, end: true });
  const all = await read(commandOutput(waiting.rest, "c 1", { from: 4, waits: true }));
  expect(all).toHaveLength(1);
  expect(waiting.asked).toEqual(["?from=4&wait=25s", "?from=4&wait=25s"]);
});

it("what is not kept any more is said", async () => {
  const { rest } = pages({ output: [piece(100, "late")], next: 104, pruned: 100, end: true });
  const [first] = await read(commandOutput(rest, "c 1", { from: 7 }));
  expect(first).toEqual({ kind: "pruned", from: 7, position: 100 });
});
