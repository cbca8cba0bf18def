import { expect, it } from "vitest";
import { Fingers, wordAt } from "./touch";

function made() {
  const done: unknown[] = [];
  const timers = new Set<() => void>();
  const fingers = new Fingers(
    {
      drag: (from, to) => done.push(["drag", from.y - to.y]),
      selectWord: ({ x }) => done.push(["word", x]),
      selectTo: ({ x }) => done.push(["to", x]),
      pinch: (scale, isBegin) => done.push(["pinch", isBegin ? "begins" : scale]),
      tap: () => done.push("tap"),
    },
    (_, callback) => {
      timers.add(callback);
      return () => timers.delete(callback);
    },
  );
  const held = () => {
    for (const timer of timers) timer();
  };
  return { done, fingers, held, timers };
}

it("a finger that goes on scrolls, one that stays selects, and one that only comes and goes taps", () => {
  const { done, fingers, held, timers } = made();
  fingers.down([{ x: 5, y: 100 }]);
  expect(fingers.moved([{ x: 5, y: 97 }])).toBe(true);
  fingers.moved([{ x: 5, y: 80 }]);
  fingers.moved([{ x: 5, y: 60 }]);
  expect([timers.size, fingers.up()]).toEqual([0, false]);
  expect(done.splice(0)).toEqual([["drag", 20]]);
  fingers.down([{ x: 7, y: 100 }]);
  held();
  fingers.moved([{ x: 30, y: 100 }]);
  expect(fingers.up()).toBe(false);
  expect(done.splice(0)).toEqual([
    ["word", 7],
    ["to", 30],
  ]);
  fingers.down([{ x: 7, y: 100 }]);
  expect(fingers.up()).toBe(true);
  expect(done).toEqual(["tap"]);
});

it("two fingers change the size of letters", () => {
  const { done, fingers } = made();
  fingers.down([{ x: 0, y: 0 }]);
  fingers.down([
    { x: 0, y: 0 },
    { x: 100, y: 0 },
  ]);
  fingers.moved([
    { x: 0, y: 0 },
    { x: 150, y: 0 },
  ]);
  expect(done).toEqual([
    ["pinch", "begins"],
    ["pinch", 1.5],
  ]);
});

it("words go to the next space or bracket", () => {
  expect(wordAt("see (/tmp/a.txt) now", 7)).toEqual([5, 15]);
  expect(wordAt("a b", 1)).toEqual([1, 2]);
  expect(wordAt("", 4)).toEqual([4, 5]);
});
