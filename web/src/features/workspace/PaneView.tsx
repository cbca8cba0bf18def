// One pane of a workspace: its tabs, what the shown one has, and where a dragged tab would land.

import { type CSSProperties, type DragEvent, type ReactNode, useId, useState } from "react";
import { classes } from "@/ui/classes";
import { sideAt, TAB_TYPE } from "./dragging";
import { type TabFace, TabStrip } from "./TabStrip";
import type { Pane, Side } from "./tiling";

/** What a pane asks the workspace for. */
export interface PaneActs {
  focus(pane: string): void;
  show(tab: string): void;
  hide(tab: string): void;
  move(
    tab: string,
    to: { readonly pane: string; readonly side: Side; readonly index?: number },
  ): void;
}

/** How a terminal is shown. */
export interface Showing {
  /** Whether it is to take the keys as soon as it is there. */
  readonly takesFocus: boolean;
}

/** See the top of the file. */
export function PaneView({
  pane,
  style,
  isFocused,
  isMarked,
  takesFocus,
  faceOf,
  content,
  tools,
  acts,
}: {
  readonly pane: Pane;
  readonly style: CSSProperties;
  readonly isFocused: boolean;
  /** Whether the focus is to be seen: not if there is only one pane. */
  readonly isMarked: boolean;
  readonly takesFocus: boolean;
  readonly faceOf: (tab: string) => TabFace;
  readonly content: (tab: string, showing: Showing) => ReactNode;
  readonly tools: ReactNode;
  readonly acts: PaneActs;
}) {
  const panel = useId();
  const [landing, setLanding] = useState<Side>();
  const { shown } = pane;
  const sideOf = (event: DragEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    return sideAt((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  };
  return (
    <section
      aria-label={shown === undefined ? "Empty pane" : `Pane of ${faceOf(shown).name}`}
      data-pane={pane.id}
      className="absolute flex flex-col overflow-hidden bg-ground"
      style={style}
      onFocusCapture={() => acts.focus(pane.id)}
    >
      <TabStrip
        id={panel}
        label="Terminals"
        tabs={pane.tabs}
        shown={shown}
        isFocused={isFocused && isMarked}
        faceOf={faceOf}
        onShow={acts.show}
        onHide={acts.hide}
        onDrop={(tab, index) => acts.move(tab, { pane: pane.id, side: "inside", index })}
      >
        {tools}
      </TabStrip>
      <div
        id={panel}
        role="tabpanel"
        aria-label={shown === undefined ? "Nothing" : faceOf(shown).name}
        className="relative min-h-0 flex-1"
        onDragOverCapture={(event) => {
          if (!event.dataTransfer.types.includes(TAB_TYPE)) return;
          event.preventDefault();
          setLanding(sideOf(event));
        }}
        onDragLeave={(event) => {
          const { relatedTarget } = event;
          const isInside =
            relatedTarget instanceof Node && event.currentTarget.contains(relatedTarget);
          if (!isInside) setLanding(undefined);
        }}
        onDropCapture={(event) => {
          setLanding(undefined);
          const tab = event.dataTransfer.getData(TAB_TYPE);
          if (tab === "") return;
          event.preventDefault();
          event.stopPropagation();
          acts.move(tab, { pane: pane.id, side: sideOf(event) });
        }}
      >
        {shown !== undefined && content(shown, { takesFocus })}
        {landing !== undefined && <Landing side={landing} />}
      </div>
    </section>
  );
}

const LANDINGS: Record<Side, string> = {
  inside: "inset-0",
  left: "inset-y-0 left-0 w-1/2",
  right: "inset-y-0 right-0 w-1/2",
  above: "inset-x-0 top-0 h-1/2",
  below: "inset-x-0 bottom-0 h-1/2",
};

const Landing = ({ side }: { readonly side: Side }) => (
  <div
    aria-hidden
    className={classes(
      "pointer-events-none absolute z-20 border-2 border-accent bg-accent/15",
      LANDINGS[side],
    )}
  />
);
