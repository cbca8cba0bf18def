// What somebody made of a workspace stays as they made it, while workers come and go.

import { describe, expect, test } from "vitest";
import {
  attended,
  hiding,
  kept,
  looking,
  moved,
  opened,
  plain,
  reconciled,
  restored,
  splitOff,
  stacked,
  tiled,
  turned,
} from "./arrangement";
import { makeWorkspace, type Shelf } from "./store";
import { panesOf, tabsOf } from "./tiling";
import { written } from "./writing";

const none = () => false;
const shownIn = (now: ReturnType<typeof plain>) =>
  panesOf(now.tiling).map(({ shown }) => shown ?? "nothing");
const focusedTab = (now: ReturnType<typeof plain>) =>
  panesOf(now.tiling).find(({ id }) => id === now.focused)?.shown;

describe("workers that come and go", () => {
  test("a new one is a tab of the focused pane, and does not take the place of the shown one", () => {
    const now = reconciled(plain(["a", "b"]), { own: ["a", "b", "c"], foreign: none });
    expect(tabsOf(now.tiling)).toEqual(["a", "b", "c"]);
    expect(shownIn(now)).toEqual(["a"]);
  });

  test("one that is gone takes its pane with it, and the focus goes to one that is there", () => {
    const two = splitOff(plain(["a", "b"]), "p1", "right");
    expect(focusedTab(two)).toBe("a");
    const now = reconciled(two, { own: ["b"], foreign: none });
    expect(shownIn(now)).toEqual(["b"]);
    expect(focusedTab(now)).toBe("b");
  });

  test("a hidden one is not brought back, until it is opened", () => {
    const hidden = hiding(plain(["a", "b"]), "b");
    const now = reconciled(hidden, { own: ["a", "b"], foreign: none });
    expect(tabsOf(now.tiling)).toEqual(["a"]);
    expect(shownIn(opened(now, "b"))).toEqual(["b"]);
    expect(opened(now, "b").hidden).toEqual([]);
  });

  test("when nothing changed, nothing is made anew", () => {
    const now = plain(["a", "b"]);
    expect(reconciled(now, { own: ["a", "b"], foreign: none })).toBe(now);
  });

  test("those of other sessions stay for as long as they are there", () => {
    const now = opened(plain(["a"]), "x");
    const own = ["a"];
    expect(tabsOf(reconciled(now, { own, foreign: (tab) => tab === "x" }).tiling)).toContain("x");
    expect(tabsOf(reconciled(now, { own, foreign: none }).tiling)).toEqual(["a"]);
  });

  test("the first one after none is shown", () => {
    expect(shownIn(reconciled(plain([]), { own: ["a"], foreign: none }))).toEqual(["a"]);
  });
});

describe("keys", () => {
  const four = tiled(plain(["a", "b", "c", "d"]), 2);

  test("arrows go to the pane beside, and ask for the keys", () => {
    const right = looking(four, "right");
    expect(focusedTab(right)).toBe("b");
    expect(focusedTab(looking(right, "down"))).toBe("d");
    expect(looking(four, "left")).toBe(four);
    expect(attended(right, right.focused).takesKeys).toBe(false);
  });

  test("going aside from a pane that fills the place shows the other one as full", () => {
    const full = { ...four, maximised: four.focused };
    const next = looking(full, "right");
    expect(next.maximised).toBe(next.focused);
  });

  test("tabs are gone through around the end", () => {
    const now = turned(plain(["a", "b", "c"]), -1);
    expect(shownIn(now)).toEqual(["c"]);
    expect(shownIn(turned(now, 1))).toEqual(["a"]);
  });

  test("a tab that is moved keeps the focus", () => {
    const now = moved(four, "a", { pane: panesOf(four.tiling)[3]?.id ?? "", side: "below" });
    expect(focusedTab(now)).toBe("a");
    expect(panesOf(now.tiling)).toHaveLength(4);
  });

  test("putting everything into one pane and apart again keeps the focused one", () => {
    const now = looking(four, "right");
    expect(focusedTab(stacked(now))).toBe("b");
    expect(focusedTab(tiled(stacked(now), 2))).toBe("b");
  });
});

describe("from one visit to the next", () => {
  const shelf = (): Shelf & { readonly things: Map<string, string> } => {
    const things = new Map<string, string>();
    return {
      things,
      getItem: (key) => things.get(key) ?? null,
      setItem: (key, value) => void things.set(key, value),
    };
  };

  test("an arrangement is found as it was left, each in its own workspace", () => {
    const on = shelf();
    const first = makeWorkspace("one", { shelf: on, tabs: ["a", "b", "c"] });
    first.setState((now) => hiding(splitOff(now, "p1", "below"), "c"));
    makeWorkspace("two", { shelf: on, tabs: ["x"] }).setState({ takesKeys: false });
    const again = makeWorkspace("one", { shelf: on, tabs: ["a", "b", "c"] }).getState();
    expect(written(again.tiling)).toBe(written(first.getState().tiling));
    expect(again.hidden).toEqual(["c"]);
    expect(focusedTab(again)).toBe("a");
  });

  test("a link counts more than what was left", () => {
    const on = shelf();
    makeWorkspace("one", { shelf: on, tabs: ["a", "b"] }).setState((now) => stacked(now));
    const linked = makeWorkspace("one", { shelf: on, tabs: ["a", "b"], layout: "r(b,a)" });
    expect(shownIn(linked.getState())).toEqual(["b", "a"]);
  });

  test.each(["", "{}", "[1]", '[["one",{"layout":"r(","hidden":3}]]', "nonsense"])(
    "a storage with %s in it is as if empty",
    (text) => {
      const on = shelf();
      on.setItem("pilothouse.workspaces", text);
      const store = makeWorkspace("one", { shelf: on, tabs: ["a"] });
      expect(shownIn(store.getState())).toEqual(["a"]);
    },
  );

  test("only the workspaces that were changed last are kept", () => {
    const on = shelf();
    for (let number = 0; number < 130; number += 1) {
      const tabs = ["a", "b"];
      makeWorkspace(`w${number}`, { shelf: on, tabs }).setState((now) => opened(now, "b"));
    }
    const shown = (id: string) =>
      shownIn(makeWorkspace(id, { shelf: on, tabs: ["a", "b"] }).getState());
    expect(shown("w129")).toEqual(["b"]);
    expect(shown("w0")).toEqual(["a"]);
  });

  test("what is kept is what is restored", () => {
    const now = looking(tiled(plain(["a", "b", "c"]), 3), "right");
    const again = restored(kept(now));
    expect(again && focusedTab(again)).toBe("b");
    expect(restored({ layout: "((", hidden: [] })).toBeUndefined();
  });
});
