import { expect, it } from "vitest";
import { afterClose, isRefusal } from "./codes.js";

it.each([
  [1000, "done", "never"],
  [1001, "server is stopping", "scattered"],
  [1002, "protocol error", "never"],
  [1006, "", "after-wait"],
  [1007, "text is not UTF-8", "never"],
  [1008, "not allowed", "with-another-token"],
  [1009, "message too big", "never"],
  [1011, "internal error", "later"],
  [1012, "server is restarting", "scattered"],
  [1013, "server is overloaded", "later"],
  [4000, "no message for too long", "at-once"],
  [4001, "token expired", "with-another-token"],
  [4001, "worker was restarted", "at-once"],
  [4009, "another connection took over", "never"],
  [4999, "of a later version", "after-wait"],
])("after %i (%s) one comes back: %s", (code, reason, wanted) => {
  expect(afterClose(code, reason)).toBe(wanted);
});

it("a refusal is told from the words of libraries that know the status", () => {
  expect(isRefusal("Unexpected server response: 401")).toBe(true);
  expect(isRefusal("connect ECONNREFUSED 127.0.0.1:14010")).toBe(false);
  expect(isRefusal("")).toBe(false);
});
