// The tree of panes stays whole whatever is done with it.

import { describe, expect, test } from "vitest";
import { columnsFor, grid, lineOf, neighbour, plan } from "./geometry";
import {
  add,
  balanced,
  freshId,
  onePane,
  panesOf,
  paneWith,
  put,
  remove,
  resized,
  type Side,
  show,
  type Tiling,
  tabsOf,
} from "./tiling";
import { read, written } from "./writing";

/** Numbers that look random and are the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

/** What is wrong with a tiling; nothing if it is whole. */
function faults(tiling: Tiling, parent?: "row" | "column"): readonly string[] {
  if (tiling.kind === "pane") {
    const { tabs, shown } = tiling;
    if (tabs.length === 0) return parent === undefined ? [] : ["an empty pane in a split"];
    return shown !== undefined && tabs.includes(shown) ? [] : ["shows what it does not have"];
  }
  const sum = tiling.parts.reduce((total, { share }) => total + share, 0);
  return [
    ...(tiling.parts.length < 2 ? ["a split of one"] : []),
    ...(tiling.along === parent ? ["a row in a row, or a column in a column"] : []),
    ...(Math.abs(sum - 1) > 1e-9 ? [`shares of ${sum}`] : []),
    ...(tiling.parts.some(({ share }) => share <= 0) ? ["a part without a share"] : []),
    ...tiling.parts.flatMap((part) => faults(part.tiling, tiling.along)),
  ];
}

const SIDES: readonly Side[] = ["inside", "left", "right", "above", "below"];

/** A tiling after some arbitrary acts, and its tabs as they have to be. */
function acted(seed: number, acts: number): readonly [Tiling, ReadonlySet<string>] {
  const random = numbers(seed);
  let tiling: Tiling = onePane(["t0", "t1", "t2"]);
  const tabs = new Set(["t0", "t1", "t2"]);
  for (let step = 0; step < acts; step += 1) {
    const panes = panesOf(tiling);
    const pane = panes[random(panes.length)]?.id ?? "p1";
    const tab = [...tabs][random(Math.max(1, tabs.size))] ?? "t0";
    const side = SIDES[random(SIDES.length)] ?? "inside";
    switch (random(6)) {
      case 0: {
        const added = `t${step + 3}`;
        tabs.add(added);
        tiling = add(tiling, [added], pane);
        break;
      }
      case 1:
        if (tabs.size > 1) tabs.delete(tab);
        if (!tabs.has(tab)) tiling = remove(tiling, tab);
        break;
      case 2:
        tiling = show(tiling, tab);
        break;
      case 3: {
        const line = plan(tiling).lines[0];
        if (line !== undefined)
          tiling = resized(tiling, line.path, line.at, (random(20) - 10) / 10);
        break;
      }
      default:
        tiling = put(tiling, tab, { pane, side, ...(random(2) ? { index: random(3) } : {}) });
    }
  }
  return [tiling, tabs];
}

const SEEDS = Array.from({ length: 150 }, (_, seed) => seed + 1);

describe("whatever is done", () => {
  test("no tab is lost or doubled, and the tree stays whole", () => {
    for (const seed of SEEDS) {
      const [tiling, tabs] = acted(seed, 60);
      expect(faults(tiling), `seed ${seed}`).toEqual([]);
      expect([...tabsOf(tiling)].sort(), `seed ${seed}`).toEqual([...tabs].sort());
      const ids = panesOf(tiling).map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids).not.toContain(freshId(tiling));
    }
  });

  test("panes cover the whole place and do not overlap", () => {
    for (const seed of SEEDS) {
      const { panes } = plan(acted(seed, 60)[0]);
      const area = panes.reduce((sum, { box }) => sum + box.width * box.height, 0);
      expect(area).toBeCloseTo(1, 6);
      for (const [index, one] of panes.entries()) {
        for (const other of panes.slice(index + 1)) {
          const wide =
            Math.min(one.box.left + one.box.width, other.box.left + other.box.width) -
            Math.max(one.box.left, other.box.left);
          const high =
            Math.min(one.box.top + one.box.height, other.box.top + other.box.height) -
            Math.max(one.box.top, other.box.top);
          expect(wide > 1e-6 && high > 1e-6).toBe(false);
        }
      }
    }
  });

  test("every pane can be reached by going from one to the next", () => {
    for (const seed of SEEDS) {
      const [tiling] = acted(seed, 60);
      const ids = panesOf(tiling).map(({ id }) => id);
      const reached = new Set(ids.slice(0, 1));
      for (const id of reached) {
        for (const direction of ["left", "right", "up", "down"] as const) {
          const next = neighbour(tiling, id, direction);
          if (next !== undefined) reached.add(next);
        }
      }
      expect(reached.size, `seed ${seed}`).toBe(ids.length);
    }
  });

  test("a line of text has all of it", () => {
    const seen = (one: Tiling | undefined) =>
      (one === undefined ? [] : plan(one).panes).map(({ pane: { tabs, shown }, box }) => {
        const rounded = Object.values(box).map((share: number) => Math.round(share * 20));
        return { tabs, shown, rounded };
      });
    for (const seed of SEEDS) {
      const [tiling] = acted(seed, 40);
      const again = read(written(tiling));
      expect(again === undefined ? ["unreadable"] : faults(again)).toEqual([]);
      const [before, after] = [seen(tiling), seen(again)];
      expect(after.map(({ tabs, shown }) => ({ tabs, shown }))).toEqual(
        before.map(({ tabs, shown }) => ({ tabs, shown })),
      );
      for (const [index, { rounded }] of before.entries()) {
        for (const [side, share] of rounded.entries()) {
          expect(Math.abs(share - (after[index]?.rounded[side] ?? -9))).toBeLessThanOrEqual(1);
        }
      }
    }
  });
});

describe("panes", () => {
  const two = put(onePane(["a", "b"]), "b", { pane: "p1", side: "right" });

  test("a tab put beside its pane makes a second pane of half the place", () => {
    expect(plan(two).panes.map(({ pane, box }) => [pane.tabs, box.left, box.width])).toEqual([
      [["a"], 0, 0.5],
      [["b"], 0.5, 0.5],
    ]);
  });

  test("the only tab of a pane is not split off from it", () => {
    expect(put(two, "a", { pane: "p1", side: "left" })).toBe(two);
  });

  test("a pane whose last tab goes makes room", () => {
    expect(remove(two, "a")).toEqual({ ...onePane(["b"]), id: paneWith(two, "b")?.id });
  });

  test("the tab behind the one that goes is shown, or else the one before", () => {
    const three = onePane(["a", "b", "c"]);
    expect(panesOf(remove(three, "a"))[0]?.shown).toBe("b");
    expect(panesOf(remove(show(three, "c"), "c"))[0]?.shown).toBe("b");
  });

  test("tabs are put before the one at that place", () => {
    const moved = put(onePane(["a", "b", "c"]), "c", { pane: "p1", side: "inside", index: 0 });
    expect(tabsOf(moved)).toEqual(["c", "a", "b"]);
  });

  test("neither side of a line can be moved away", () => {
    const line = plan(two).lines[0];
    if (line === undefined) throw new Error("two panes have a line");
    const far = resized(two, line.path, line.at, 5);
    const widths = plan(far).panes.map(({ box }) => box.width);
    expect(widths[0]).toBeCloseTo(0.92);
    expect(widths[1]).toBeCloseTo(0.08);
    expect(plan(balanced(far)).panes.map(({ box }) => box.width)).toEqual([0.5, 0.5]);
  });
});

describe("grids", () => {
  const tabs = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];

  test("as many as there is place for are side by side, the others are tabs of the last", () => {
    const tiling = grid(tabs, 3);
    expect(panesOf(tiling).map((pane) => pane.tabs.join(""))).toEqual([
      ..."abcdefg".split(""),
      "hi",
    ]);
    expect(faults(tiling)).toEqual([]);
  });

  test.each([
    [1, 1.6, 1],
    [2, 0.8, 1],
    [2, 1.6, 2],
    [2, 2.4, 2],
    [4, 1.7, 2],
    [8, 1.6, 3],
    [8, 0.5, 2],
  ])(
    "%i terminals in a place %f times as wide as high lie in %i columns",
    (count, aspect, columns) => {
      expect(columnsFor(count, aspect)).toBe(columns);
    },
  );

  test("going around a grid leads to the terminal beside", () => {
    const tiling = grid(tabs.slice(0, 4), 2);
    const name = (id: string | undefined) => panesOf(tiling).find((pane) => pane.id === id)?.shown;
    const [first] = panesOf(tiling);
    expect(name(neighbour(tiling, first?.id ?? "", "right"))).toBe("b");
    expect(name(neighbour(tiling, first?.id ?? "", "down"))).toBe("c");
    expect(neighbour(tiling, first?.id ?? "", "up")).toBeUndefined();
  });

  test("keys move the line behind a pane, and the one before the last pane", () => {
    const tiling = grid(tabs.slice(0, 3), 3);
    const line = (tab: string) => lineOf(tiling, paneWith(tiling, tab)?.id ?? "", "row")?.at;
    expect([line("a"), line("b"), line("c")]).toEqual([0, 1, 1]);
    expect(lineOf(tiling, "p1", "column")).toBeUndefined();
  });
});

describe("lines of text", () => {
  test.each([
    "",
    "r()",
    "r(a)",
    "r(a,b",
    "r(a,a)",
    "a+",
    "x(a,b)",
    "a b",
    "r(a:x,b)",
    `${"r(a,".repeat(20)}b`,
  ])("%s is none", (text) => {
    expect(read(text)).toBeUndefined();
  });

  test("shares may be left out", () => {
    expect(
      plan(read("r(a,c(b,d))") ?? onePane([])).panes.map(({ box }) => box.width * box.height),
    ).toEqual([0.5, 0.25, 0.25]);
  });
});
