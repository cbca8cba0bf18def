import { expect, it, vi } from "vitest";
import { AwayError, QueueFullError } from "../errors.js";
import { Outbox } from "./outbox.js";

it("the newest is refused when there is no room", () => {
  const outbox = new Outbox<number>({ most: 2, overflow: "refuse-newest" }, vi.fn());
  outbox.push(1);
  outbox.push(2);
  expect(() => outbox.push(3)).toThrow(QueueFullError);
  expect(outbox.take()).toEqual([1, 2]);
  expect(outbox.take()).toEqual([]);
});

it("or the oldest is dropped, and told", () => {
  const dropped = vi.fn();
  const outbox = new Outbox<number>({ most: 2, overflow: "drop-oldest" }, dropped);
  for (const message of [1, 2, 3]) outbox.push(message);
  expect(dropped.mock.calls).toEqual([[1]]);
  expect(outbox.take()).toEqual([2, 3]);
});

it("without room for anything, everything is refused", () => {
  const outbox = new Outbox<number>({ most: 0, overflow: "drop-oldest" }, vi.fn());
  expect(() => outbox.push(1)).toThrow(AwayError);
});
