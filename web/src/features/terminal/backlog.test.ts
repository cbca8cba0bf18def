import { expect, it } from "vitest";
import { Backlog } from "./backlog";

it("gives text in order, at most as much as asked for, and cuts no character in two", () => {
  const backlog = new Backlog();
  backlog.push("ab");
  backlog.push("c😀d");
  expect(backlog.take(4)).toBe("abc");
  expect(backlog.take(4)).toBe("😀d");
  expect([backlog.take(9), backlog.waiting, backlog.isEmpty]).toEqual(["", 0, true]);
});

it("keeps a size between the text before and the text after it", () => {
  const backlog = new Backlog();
  backlog.push("before");
  backlog.pushSize({ cols: 10, rows: 2 });
  backlog.pushSize({ cols: 20, rows: 4 });
  backlog.push("after");
  expect(backlog.takeSize()).toBeUndefined();
  expect(backlog.take(100)).toBe("before");
  expect(backlog.take(100)).toBe("");
  expect(backlog.takeSize()).toEqual({ cols: 20, rows: 4 });
  expect(backlog.take(100)).toBe("after");
});

it("a whole screen takes the place of what waits, but not of the size", () => {
  const backlog = new Backlog();
  backlog.push("old");
  backlog.pushSize({ cols: 20, rows: 4 });
  backlog.push("old, too");
  backlog.replace("new");
  expect(backlog.takeSize()).toEqual({ cols: 20, rows: 4 });
  expect(backlog.take(100)).toBe("\u0018\u001bcnew");
});

it("says how much it forgets", () => {
  const backlog = new Backlog();
  backlog.push("12345");
  backlog.take(2);
  expect(backlog.clear()).toBe(3);
  expect(backlog.take(9)).toBe("");
});
