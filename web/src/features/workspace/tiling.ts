// How terminals share a place: a tree of rows and columns whose leaves are panes with tabs. Pure.

/** A part of the place that shows one of its tabs. */
export interface Pane {
  readonly kind: "pane";
  readonly id: string;
  readonly tabs: readonly string[];
  /** One of its tabs; absent only in an empty pane, which is the only pane. */
  readonly shown: string | undefined;
}

/** Several parts beside (`row`) or below (`column`) each other. There are two at least. */
export interface Split {
  readonly kind: "split";
  readonly along: "row" | "column";
  readonly parts: readonly Part[];
}

/** A part of a split, and which share of it it has; all shares together are 1. */
export interface Part {
  readonly share: number;
  readonly tiling: Tiling;
}

/** All of it. Every tab is in it once, and no split lies directly in one of its own direction. */
export type Tiling = Pane | Split;

/** Where something can be put, seen from a pane: among its tabs, or beside it. */
export type Side = "inside" | "left" | "right" | "above" | "below";

/** From a tiling to one of its splits: which part to take, again and again. */
export type Path = readonly number[];

/** One pane with all tabs, the first one shown. */
export const onePane = (tabs: readonly string[], id = "p1"): Pane => ({
  kind: "pane",
  id,
  tabs,
  shown: tabs[0],
});

/** All panes, in the order in which they are read. */
export function panesOf(tiling: Tiling): readonly Pane[] {
  if (tiling.kind === "pane") return [tiling];
  return tiling.parts.flatMap((part) => panesOf(part.tiling));
}

/** All tabs, shown or not. */
export const tabsOf = (tiling: Tiling): readonly string[] =>
  panesOf(tiling).flatMap(({ tabs }) => tabs);

/** The pane that has a tab. */
export const paneWith = (tiling: Tiling, tab: string): Pane | undefined =>
  panesOf(tiling).find(({ tabs }) => tabs.includes(tab));

/** A name that no pane has. */
export function freshId(tiling: Tiling): string {
  const numbers = panesOf(tiling).map(({ id }) => Number(id.slice(1)) || 0);
  return `p${Math.max(0, ...numbers) + 1}`;
}

/** Shows a tab in the pane that has it. */
export const show = (tiling: Tiling, tab: string): Tiling =>
  changed(tiling, (pane) => (pane.tabs.includes(tab) ? { ...pane, shown: tab } : pane));

/** Takes a tab out, and its pane too if that was its last one. */
export const remove = (tiling: Tiling, tab: string): Tiling =>
  tidied(changed(tiling, (pane) => without(pane, tab)));

/** Puts a tab somewhere, taken from wherever it was, and shows it. `index` is among the tabs. */
export function put(
  tiling: Tiling,
  tab: string,
  to: { readonly pane: string; readonly side: Side; readonly index?: number },
): Tiling {
  const target = panesOf(tiling).find(({ id }) => id === to.pane);
  if (target === undefined) return tiling;
  const isAlone = target.tabs.length === 1 && target.tabs[0] === tab;
  if (isAlone) return tiling;
  if (to.side === "inside") return insert(tiling, tab, to.pane, to.index);
  if (target.tabs.length === 0) return insert(tiling, tab, to.pane);
  const added = onePane([tab], freshId(tiling));
  const rest = changed(tiling, (pane) => without(pane, tab));
  return tidied(beside(rest, to.pane, added, to.side));
}

function insert(tiling: Tiling, tab: string, id: string, index?: number): Tiling {
  const put = changed(tiling, (pane) => {
    const rest = without(pane, tab);
    if (pane.id !== id) return rest;
    const tabs = rest.tabs.toSpliced(index ?? rest.tabs.length, 0, tab);
    return { ...rest, tabs, shown: tab };
  });
  return tidied(put);
}

/** Puts a pane beside another one, which gives half of its share if both are in the same direction. */
function beside(tiling: Tiling, id: string, added: Pane, side: Exclude<Side, "inside">): Tiling {
  if (tiling.kind === "pane") {
    if (tiling.id !== id) return tiling;
    const along = side === "left" || side === "right" ? "row" : "column";
    const isFirst = side === "left" || side === "above";
    const both = isFirst ? [added, tiling] : [tiling, added];
    return { kind: "split", along, parts: both.map((one) => ({ share: 0.5, tiling: one })) };
  }
  const parts = tiling.parts.map((part) => ({
    ...part,
    tiling: beside(part.tiling, id, added, side),
  }));
  return { ...tiling, parts };
}

/** Adds tabs to a pane, without showing them unless nothing is. */
export const add = (tiling: Tiling, tabs: readonly string[], id: string): Tiling =>
  changed(tiling, (pane) =>
    pane.id === id
      ? { ...pane, tabs: [...pane.tabs, ...tabs], shown: pane.shown ?? tabs[0] }
      : pane,
  );

/** Gives all parts of all splits the same share. */
export function balanced(tiling: Tiling): Tiling {
  if (tiling.kind === "pane") return tiling;
  const share = 1 / tiling.parts.length;
  return {
    ...tiling,
    parts: tiling.parts.map((part) => ({ share, tiling: balanced(part.tiling) })),
  };
}

/** Moves the line behind part `at` of the split at a path by a share of that split; both sides keep `least`. */
export function resized(tiling: Tiling, path: Path, at: number, by: number, least = 0.08): Tiling {
  if (tiling.kind === "pane") return tiling;
  const [step, ...rest] = path;
  if (step !== undefined) {
    const parts = tiling.parts.map((part, index) =>
      index === step ? { ...part, tiling: resized(part.tiling, rest, at, by, least) } : part,
    );
    return { ...tiling, parts };
  }
  const before = tiling.parts[at];
  const after = tiling.parts[at + 1];
  if (before === undefined || after === undefined) return tiling;
  const both = before.share + after.share;
  const smallest = Math.min(least, both / 2);
  const share = Math.min(both - smallest, Math.max(smallest, before.share + by));
  const parts = tiling.parts
    .with(at, { ...before, share })
    .with(at + 1, { ...after, share: both - share });
  return { ...tiling, parts };
}

/** Every pane as `change` makes it. What stays the same is the same object. */
function changed(tiling: Tiling, change: (pane: Pane) => Pane): Tiling {
  if (tiling.kind === "pane") return change(tiling);
  const parts = tiling.parts.map((part) => {
    const next = changed(part.tiling, change);
    return next === part.tiling ? part : { ...part, tiling: next };
  });
  const isSame = parts.every((part, index) => part === tiling.parts[index]);
  return isSame ? tiling : { ...tiling, parts };
}

/** A pane without a tab; the one that comes after it, or else before, is shown in its place. */
function without(pane: Pane, tab: string): Pane {
  const at = pane.tabs.indexOf(tab);
  if (at < 0) return pane;
  const tabs = pane.tabs.toSpliced(at, 1);
  const shown = pane.shown === tab ? (tabs[at] ?? tabs[at - 1]) : pane.shown;
  return { ...pane, tabs, shown };
}

/** Without empty panes, splits of one part, and splits inside splits of the same direction. */
export function tidied(tiling: Tiling): Tiling {
  return pruned(tiling) ?? onePane([], panesOf(tiling)[0]?.id);
}

function pruned(tiling: Tiling): Tiling | undefined {
  if (tiling.kind === "pane") return tiling.tabs.length === 0 ? undefined : tiling;
  const parts = tiling.parts.flatMap(({ share, tiling: inner }): readonly Part[] => {
    const kept = pruned(inner);
    if (kept === undefined) return [];
    if (kept.kind === "pane" || kept.along !== tiling.along) return [{ share, tiling: kept }];
    return kept.parts.map((part) => ({ ...part, share: part.share * share }));
  });
  const [only] = parts;
  if (only === undefined) return undefined;
  if (parts.length === 1) return only.tiling;
  const sum = parts.reduce((total, { share }) => total + share, 0);
  return { ...tiling, parts: parts.map((part) => ({ ...part, share: part.share / sum })) };
}
