// The arrangement of one workspace, for the views of it, kept in the browser from one visit to the next.

import { createStore, type StoreApi } from "zustand/vanilla";
import { type Arrangement, type KeptArrangement, kept, plain, restored } from "./arrangement";

/** The arrangement that is shown now. */
export type WorkspaceStore = StoreApi<Arrangement>;

/** What of the browser's storage is needed. */
export type Shelf = Pick<Storage, "getItem" | "setItem">;

const KEY = "pilothouse.workspaces";

/** The arrangements of so many workspaces are kept, those that were changed last. */
const MOST = 100;

/** The arrangement of a workspace: as a link has it, or as it was left, or all tabs in one pane. */
export function makeWorkspace(
  id: string,
  {
    shelf,
    tabs,
    layout,
  }: {
    readonly shelf: Shelf;
    readonly tabs: readonly string[];
    readonly layout?: string | undefined;
  },
): WorkspaceStore {
  const linked = layout === undefined ? undefined : restored({ layout, hidden: [] });
  const left = keptIn(shelf).find(([other]) => other === id)?.[1];
  const first = linked ?? (left && restored(left)) ?? plain(tabs);
  const store = createStore<Arrangement>()(() => first);
  store.subscribe((arrangement) => keep(shelf, id, kept(arrangement)));
  return store;
}

function keep(shelf: Shelf, id: string, arrangement: KeptArrangement): void {
  const others = keptIn(shelf).filter(([other]) => other !== id);
  const all = [...others, [id, arrangement] as const].slice(-MOST);
  try {
    shelf.setItem(KEY, JSON.stringify(all));
  } catch {
    // A browser that keeps nothing shows the plain arrangement next time.
  }
}

/** What is kept, the newest last. What cannot be read was never kept. */
function keptIn(shelf: Shelf): readonly (readonly [string, KeptArrangement])[] {
  try {
    const entries: unknown = JSON.parse(shelf.getItem(KEY) ?? "[]");
    if (!Array.isArray(entries)) return [];
    return entries.flatMap((entry: unknown) => entryOf(entry));
  } catch {
    return [];
  }
}

function entryOf(entry: unknown): readonly (readonly [string, KeptArrangement])[] {
  if (!Array.isArray(entry)) return [];
  const [id, value]: readonly unknown[] = entry;
  if (typeof id !== "string" || typeof value !== "object" || value === null) return [];
  const layout = "layout" in value && typeof value.layout === "string" ? value.layout : "";
  const focused =
    "focused" in value && typeof value.focused === "string" ? value.focused : undefined;
  const hidden = "hidden" in value && Array.isArray(value.hidden) ? value.hidden : [];
  const words = hidden.filter((tab): tab is string => typeof tab === "string");
  return [[id, { layout, hidden: words, ...(focused === undefined ? {} : { focused }) }]];
}
