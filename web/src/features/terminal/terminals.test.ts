import { beforeEach, expect, it, vi } from "vitest";
import { type Kept, Terminals } from "./terminals";

class Fake implements Kept {
  is = "new";
  show(): void {
    this.is = "shown";
  }
  hide(): void {
    this.is = "hidden";
  }
  rest(): void {
    this.is = "resting";
  }
  dispose(): void {
    this.is = "gone";
  }
}

const LIMITS = { mostConnected: 2, mostKept: 3, restAfterMs: 1000 };

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

const shownAndHidden = (terminals: Terminals<Fake>, names: readonly string[]) =>
  names.map((name) => {
    const terminal = terminals.show(name, () => new Fake());
    terminals.hide(terminal);
    return terminal;
  });

it("gives back the terminal that was hidden, as it was left", () => {
  const terminals = new Terminals<Fake>(LIMITS);
  const [first] = shownAndHidden(terminals, ["a"]);
  expect(terminals.show("a", () => new Fake())).toBe(first);
  expect(first?.is).toBe("shown");
});

it("one worker in two places has two terminals", () => {
  const terminals = new Terminals<Fake>(LIMITS);
  const one = terminals.show("a", () => new Fake());
  expect(terminals.show("a", () => new Fake())).not.toBe(one);
});

it("the newest stay connected, older ones rest, and the oldest are let go", () => {
  const terminals = new Terminals<Fake>(LIMITS);
  const all = shownAndHidden(terminals, ["a", "b", "c", "d"]);
  expect(all.map(({ is }) => is)).toEqual(["gone", "resting", "hidden", "hidden"]);
});

it("those that are looked at are never let go, however many", () => {
  const terminals = new Terminals<Fake>(LIMITS);
  const shown = ["a", "b", "c", "d", "e"].map((name) => terminals.show(name, () => new Fake()));
  shownAndHidden(terminals, ["f", "g", "h", "i", "j"]);
  expect(shown.map(({ is }) => is)).toEqual(Array(5).fill("shown"));
});

it("one that nobody looks at for long rests, unless somebody looks again", () => {
  const terminals = new Terminals<Fake>(LIMITS);
  const [first, second] = shownAndHidden(terminals, ["a", "b"]);
  vi.advanceTimersByTime(900);
  terminals.show("b", () => new Fake());
  vi.advanceTimersByTime(200);
  expect([first?.is, second?.is]).toEqual(["resting", "shown"]);
});

it("lets go what is gone, and everything at the end", () => {
  const terminals = new Terminals<Fake>(LIMITS);
  const [first, second] = shownAndHidden(terminals, ["a", "b"]);
  terminals.forget("a");
  expect([first?.is, second?.is]).toEqual(["gone", "hidden"]);
  terminals.dispose();
  expect(second?.is).toBe("gone");
});
