// What somebody made of the place: the tiling, where the keyboard is, what is hidden or fills everything. Pure.

import { type Direction, grid, neighbour } from "./geometry";
import {
  add,
  freshId,
  onePane,
  panesOf,
  paneWith,
  put,
  remove,
  type Side,
  show,
  type Tiling,
  tabsOf,
} from "./tiling";
import { read, written } from "./writing";

/** See the top of the file. */
export interface Arrangement {
  readonly tiling: Tiling;
  /** The pane that keys and new tabs go to. */
  readonly focused: string;
  /** Whether that pane's terminal is to take the keys; over as soon as anything has the focus. */
  readonly takesKeys: boolean;
  /** The pane that fills the place, if one does. */
  readonly maximised: string | undefined;
  /** Tabs that were put away; they are not brought back by themselves. */
  readonly hidden: readonly string[];
}

/** What is kept of it. */
export interface KeptArrangement {
  readonly layout: string;
  readonly focused?: string;
  readonly hidden: readonly string[];
}

/** Where nobody has arranged anything yet: all tabs in one pane. */
export const plain = (tabs: readonly string[]): Arrangement => {
  const tiling = onePane(tabs);
  return { tiling, focused: tiling.id, takesKeys: true, maximised: undefined, hidden: [] };
};

/** What is to be kept. */
export function kept({ tiling, focused, hidden }: Arrangement): KeptArrangement {
  const tab = panesOf(tiling).find(({ id }) => id === focused)?.shown;
  return { layout: written(tiling), hidden, ...(tab === undefined ? {} : { focused: tab }) };
}

/** The arrangement that was kept; nothing if that makes no sense. */
export function restored({ layout, focused, hidden }: KeptArrangement): Arrangement | undefined {
  const tiling = read(layout);
  if (tiling === undefined) return undefined;
  const pane =
    (focused === undefined ? undefined : paneWith(tiling, focused)) ?? panesOf(tiling)[0];
  return { tiling, focused: pane?.id ?? "p1", takesKeys: true, maximised: undefined, hidden };
}

/** Keeps it true: tabs that are gone go, and those that came are added to the focused pane without being shown. */
export function reconciled(
  arrangement: Arrangement,
  { own, foreign }: { readonly own: readonly string[]; readonly foreign: (tab: string) => boolean },
): Arrangement {
  const isThere = (tab: string) => own.includes(tab) || foreign(tab);
  const gone = tabsOf(arrangement.tiling).filter((tab) => !isThere(tab));
  const hidden = arrangement.hidden.filter(isThere);
  const shown = new Set([...tabsOf(arrangement.tiling), ...hidden]);
  const came = own.filter((tab) => !shown.has(tab));
  const isSame =
    gone.length === 0 && came.length === 0 && hidden.length === arrangement.hidden.length;
  if (isSame) return arrangement;
  const left = gone.reduce(remove, arrangement.tiling);
  const { focused } = refocused({ ...arrangement, tiling: left });
  return refocused({ ...arrangement, tiling: add(left, came, focused), hidden });
}

/** Shows a tab, which may have been hidden or never been there, and gives it the focus. */
export function opened(arrangement: Arrangement, tab: string): Arrangement {
  const hidden = arrangement.hidden.filter((other) => other !== tab);
  const isThere = paneWith(arrangement.tiling, tab) !== undefined;
  const tiling = isThere
    ? show(arrangement.tiling, tab)
    : put(arrangement.tiling, tab, { pane: arrangement.focused, side: "inside" });
  return focusedOn({ ...arrangement, tiling, hidden }, tab);
}

/** Puts a tab away; what runs in it goes on. */
export function hiding(arrangement: Arrangement, tab: string): Arrangement {
  const tiling = remove(arrangement.tiling, tab);
  const hidden = [...arrangement.hidden.filter((other) => other !== tab), tab];
  return refocused({ ...arrangement, tiling, hidden });
}

/** Puts a tab somewhere else, and the focus with it. */
export function moved(
  arrangement: Arrangement,
  tab: string,
  to: { readonly pane: string; readonly side: Side; readonly index?: number },
): Arrangement {
  const hidden = arrangement.hidden.filter((other) => other !== tab);
  const tiling = put(arrangement.tiling, tab, to);
  return focusedOn({ ...arrangement, tiling, hidden, maximised: undefined }, tab);
}

/** Puts the shown tab of a pane beside that pane; nothing happens to the only tab of a pane. */
export function splitOff(arrangement: Arrangement, pane: string, side: Side): Arrangement {
  const tab = panesOf(arrangement.tiling).find(({ id }) => id === pane)?.shown;
  return tab === undefined ? arrangement : moved(arrangement, tab, { pane, side });
}

/** The focus has come to something in a pane by itself. */
export function attended(arrangement: Arrangement, pane: string): Arrangement {
  const isThere = panesOf(arrangement.tiling).some(({ id }) => id === pane);
  const isSame = arrangement.focused === pane && !arrangement.takesKeys;
  return isSame || !isThere ? arrangement : { ...arrangement, focused: pane, takesKeys: false };
}

/** Moves the focus to the next pane in a direction. */
export function looking(arrangement: Arrangement, direction: Direction): Arrangement {
  const next = neighbour(arrangement.tiling, arrangement.focused, direction);
  if (next === undefined) return arrangement;
  const maximised = arrangement.maximised === undefined ? undefined : next;
  return { ...arrangement, focused: next, takesKeys: true, maximised };
}

/** Shows the tab before or after the shown one in the focused pane, around the end. */
export function turned(arrangement: Arrangement, by: 1 | -1): Arrangement {
  const pane = panesOf(arrangement.tiling).find(({ id }) => id === arrangement.focused);
  if (pane?.shown === undefined) return arrangement;
  const { tabs, shown } = pane;
  const tab = tabs[(tabs.indexOf(shown) + by + tabs.length) % tabs.length];
  return tab === undefined
    ? arrangement
    : { ...arrangement, tiling: show(arrangement.tiling, tab), takesKeys: true };
}

/** All tabs side by side, as many as `most`; the focus stays with its tab. */
export function tiled(arrangement: Arrangement, columns: number, most?: number): Arrangement {
  const tab = panesOf(arrangement.tiling).find(({ id }) => id === arrangement.focused)?.shown;
  const tiling = grid(tabsOf(arrangement.tiling), columns, most);
  const next = refocused({ ...arrangement, tiling, maximised: undefined });
  return tab === undefined ? next : focusedOn(next, tab);
}

/** All tabs in one pane. */
export function stacked(arrangement: Arrangement): Arrangement {
  const tab = panesOf(arrangement.tiling).find(({ id }) => id === arrangement.focused)?.shown;
  const tiling = onePane(tabsOf(arrangement.tiling), freshId(arrangement.tiling));
  const next = refocused({ ...arrangement, tiling, maximised: undefined });
  return tab === undefined ? next : opened(next, tab);
}

function focusedOn(arrangement: Arrangement, tab: string): Arrangement {
  const pane = paneWith(arrangement.tiling, tab)?.id ?? arrangement.focused;
  const { maximised } = arrangement;
  return refocused({
    ...arrangement,
    focused: pane,
    takesKeys: true,
    maximised: maximised && pane,
  });
}

/** Leaves the focus, and what fills the place, on panes that are there. */
function refocused(arrangement: Arrangement): Arrangement {
  const ids = panesOf(arrangement.tiling).map(({ id }) => id);
  const { focused, maximised } = arrangement;
  const isThere = ids.includes(focused);
  const isMaximised = maximised !== undefined && ids.length > 1 && ids.includes(maximised);
  return {
    ...arrangement,
    focused: isThere ? focused : (ids[0] ?? "p1"),
    maximised: isMaximised ? maximised : undefined,
  };
}
