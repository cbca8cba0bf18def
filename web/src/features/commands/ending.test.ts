// How commands ended, in words.

import { expect, it } from "vitest";
import { endReason, endWords } from "./ending";

it.each([
  [{ status: "queued" }, "waiting"],
  [{ status: "completed", exitCode: 0 }, "done"],
  [{ status: "failed", exitCode: 3 }, "exit 3"],
  [{ status: "failed", exitCode: 139, signal: "SIGSEGV" }, "SIGSEGV"],
  [{ status: "failed", error: "its agent was lost" }, "failed"],
  [{ status: "interrupted", exitCode: 130, signal: "SIGINT" }, "interrupted"],
])("%j", (command, words) => {
  expect(endWords(command)).toBe(words);
});

it("a reason is told unless it only repeats the exit code", () => {
  expect(endReason({ status: "failed", exitCode: 3, error: "exited with 3" })).toBeUndefined();
  expect(endReason({ status: "failed", error: "it ran out of time" })).toBe("it ran out of time");
});
