// Panes of terminals that share a place: as many as fit on a desk, one at a time on a phone.

import { type KeyboardEvent, type ReactNode, useMemo, useRef } from "react";
import { useStore } from "zustand";
import { useIsNarrow, useIsTouched } from "@/ui/media";
import { type Arrangement, attended, hiding, looking, moved, opened, turned } from "./arrangement";
import { Divider } from "./Divider";
import { type Box, type Direction, lineOf, type Plan, plan } from "./geometry";
import { type WorkspaceKey, workspaceKey } from "./keys";
import { type PaneActs, PaneView, type Showing } from "./PaneView";
import type { WorkspaceStore } from "./store";
import type { TabFace } from "./TabStrip";
import { balanced, type Pane, panesOf, resized, tabsOf } from "./tiling";

/** What one press of a key moves a line by. */
const STEP = 0.04;

/** See the top of the file. */
export function Workspace({
  store,
  faceOf,
  content,
  tools,
  empty,
}: {
  readonly store: WorkspaceStore;
  readonly faceOf: (tab: string) => TabFace;
  /** What a tab has. */
  readonly content: (tab: string, showing: Showing) => ReactNode;
  /** Buttons behind the tabs of a pane. */
  readonly tools: (pane: Pane) => ReactNode;
  /** What is shown while there is no tab. */
  readonly empty: ReactNode;
}) {
  const arrangement = useStore(store);
  const place = useRef<HTMLDivElement>(null);
  const isNarrow = useIsNarrow();
  const isTouched = useIsTouched();
  const shown = useMemo(() => planned(arrangement, isNarrow), [arrangement, isNarrow]);
  const acts = useMemo(() => actsOf(store), [store]);
  if (tabsOf(arrangement.tiling).length === 0) return empty;
  const isAlone = shown.panes.length === 1;
  return (
    <div
      ref={place}
      className="relative min-h-0 flex-1 overflow-hidden"
      onKeyDownCapture={(event) => press(event, store)}
    >
      {shown.panes.map(({ pane, box }) => (
        <PaneView
          key={pane.id}
          pane={pane}
          style={at(box)}
          isFocused={pane.id === arrangement.focused}
          isMarked={!isAlone}
          takesFocus={pane.id === arrangement.focused && arrangement.takesKeys && !isTouched}
          faceOf={faceOf}
          content={content}
          tools={tools(pane)}
          acts={acts}
        />
      ))}
      {shown.lines.map((line) => (
        <Divider
          key={`${line.path.join(".")} ${line.at}`}
          line={line}
          place={place}
          onMove={(by) =>
            store.setState(({ tiling }) => ({ tiling: resized(tiling, line.path, line.at, by) }))
          }
          onEven={() => store.setState(({ tiling }) => ({ tiling: balanced(tiling) }))}
        />
      ))}
    </div>
  );
}

const ALL: Box = { left: 0, top: 0, width: 1, height: 1 };

/** What is to be seen: everything, or the pane that fills the place; on phones one pane with all tabs. */
function planned({ tiling, focused, maximised }: Arrangement, isNarrow: boolean): Plan {
  const alone = (pane: Pane): Plan => ({ panes: [{ pane, box: ALL }], lines: [] });
  const panes = panesOf(tiling);
  const current = panes.find(({ id }) => id === (maximised ?? focused)) ?? panes[0];
  if (current === undefined) return { panes: [], lines: [] };
  if (isNarrow) return alone({ ...current, tabs: tabsOf(tiling) });
  return maximised === undefined ? plan(tiling) : alone(current);
}

const at = ({ left, top, width, height }: Box) => ({
  left: `${left * 100}%`,
  top: `${top * 100}%`,
  width: `${width * 100}%`,
  height: `${height * 100}%`,
});

const actsOf = (store: WorkspaceStore): PaneActs => ({
  focus: (pane) => store.setState((now) => attended(now, pane)),
  show: (tab) => store.setState((now) => opened(now, tab)),
  hide: (tab) => store.setState((now) => hiding(now, tab)),
  move: (tab, to) => store.setState((now) => moved(now, tab, to)),
});

function press(event: KeyboardEvent<HTMLElement>, store: WorkspaceStore): void {
  const key = workspaceKey(event);
  if (key === undefined || event.getModifierState("AltGraph")) return;
  event.preventDefault();
  event.stopPropagation();
  if (key.act === "tabs") {
    const pane = `[data-pane="${store.getState().focused}"]`;
    event.currentTarget.querySelector<HTMLElement>(`${pane} [aria-selected="true"]`)?.focus();
  } else store.setState((now) => pressed(now, key));
}

/** The arrangement after a key. */
function pressed(now: Arrangement, key: WorkspaceKey): Arrangement {
  switch (key.act) {
    case "look":
      return looking(now, key.direction);
    case "turn":
      return turned(now, key.by);
    case "resize":
      return resizedBy(now, key.direction);
    case "maximise": {
      const isAlone = panesOf(now.tiling).length === 1;
      return { ...now, maximised: now.maximised || isAlone ? undefined : now.focused };
    }
    case "tabs":
      return now;
  }
}

function resizedBy(now: Arrangement, direction: Direction): Arrangement {
  const along = direction === "left" || direction === "right" ? "row" : "column";
  const line = lineOf(now.tiling, now.focused, along);
  if (line === undefined) return now;
  const by = direction === "right" || direction === "down" ? STEP : -STEP;
  return { ...now, tiling: resized(now.tiling, line.path, line.at, by) };
}
