// The tabs of a pane: what they are, how they are, and where a dragged one would go.

import { X } from "lucide-react";
import { type DragEvent, type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import { classes } from "@/ui/classes";
import { indexAt, TAB_TYPE } from "./dragging";

/** What a tab looks like. */
export interface TabFace {
  readonly name: string;
  /** Before the name: what it is. */
  readonly kind: ReactNode;
  /** Behind the name: how it is, as a shape. */
  readonly mark: ReactNode;
  /** The same in words, for whoever does not see the shape. */
  readonly words: string;
  /** It wants somebody to look. */
  readonly isAlarmed: boolean;
}

/** See the top of the file. */
export function TabStrip({
  id,
  label,
  tabs,
  shown,
  isFocused,
  faceOf,
  onShow,
  onHide,
  onDrop,
  children,
}: {
  /** Names the panel that the shown tab opens. */
  readonly id: string;
  readonly label: string;
  readonly tabs: readonly string[];
  readonly shown: string | undefined;
  readonly isFocused: boolean;
  readonly faceOf: (tab: string) => TabFace;
  readonly onShow: (tab: string) => void;
  readonly onHide: (tab: string) => void;
  readonly onDrop: (tab: string, index: number) => void;
  /** Buttons behind the tabs. */
  readonly children: ReactNode;
}) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (shown === undefined) return;
    const tab = list.current?.querySelector(`[data-tab="${CSS.escape(shown)}"]`);
    tab?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [shown]);
  const drop = (event: DragEvent) => {
    const tab = event.dataTransfer.getData(TAB_TYPE);
    if (tab === "") return;
    event.preventDefault();
    event.stopPropagation();
    const buttons = [...(list.current?.querySelectorAll("[data-tab]") ?? [])];
    const middles = buttons
      .filter((button) => button.getAttribute("data-tab") !== tab)
      .map((button) => button.getBoundingClientRect())
      .map(({ left, width }) => left + width / 2);
    onDrop(tab, indexAt(event.clientX, middles));
  };
  return (
    <div
      className={classes(
        "relative flex h-8 shrink-0 items-stretch border-b bg-surface touch:h-11",
        isFocused &&
          "after:pointer-events-none after:absolute after:inset-x-0 after:top-0 after:h-0.5 after:bg-accent",
      )}
    >
      <div
        ref={list}
        role="tablist"
        aria-label={label}
        className="flex min-w-0 flex-1 items-stretch overflow-x-auto [scrollbar-width:none]"
        onKeyDown={(event) => roam(event, onHide)}
        onDragOver={(event) => {
          if (event.dataTransfer.types.includes(TAB_TYPE)) event.preventDefault();
        }}
        onDrop={drop}
      >
        {tabs.map((tab) => (
          <Tab
            key={tab}
            tab={tab}
            panel={id}
            face={faceOf(tab)}
            isShown={tab === shown}
            onShow={onShow}
            onHide={onHide}
          />
        ))}
      </div>
      <div className="flex shrink-0 items-center px-0.5">{children}</div>
    </div>
  );
}

function Tab({
  tab,
  panel,
  face,
  isShown,
  onShow,
  onHide,
}: {
  readonly tab: string;
  readonly panel: string;
  readonly face: TabFace;
  readonly isShown: boolean;
  readonly onShow: (tab: string) => void;
  readonly onHide: (tab: string) => void;
}) {
  return (
    <button
      type="button"
      role="tab"
      id={`${panel} ${tab}`.replace(/\W/g, "-")}
      aria-selected={isShown}
      aria-controls={isShown ? panel : undefined}
      aria-keyshortcuts="Delete"
      tabIndex={isShown ? 0 : -1}
      data-tab={tab}
      draggable
      title={`${face.name}, ${face.words}`}
      className={classes(
        "group flex max-w-52 shrink-0 items-center gap-1.5 border-r px-2.5 text-small -outline-offset-2",
        isShown ? "bg-ground font-medium text-ink" : "text-muted hover:bg-sunken hover:text-ink",
        face.isAlarmed && "bg-warn-soft",
      )}
      onClick={(event) => {
        const { target } = event;
        const isHiding = target instanceof Element && target.closest("[data-hide]") !== null;
        if (isHiding) onHide(tab);
        else onShow(tab);
      }}
      onAuxClick={(event) => {
        if (event.button === 1) onHide(tab);
      }}
      onDragStart={(event) => {
        event.dataTransfer.setData(TAB_TYPE, tab);
        event.dataTransfer.effectAllowed = "move";
      }}
    >
      {face.kind}
      <span className="min-w-0 truncate">{face.name}</span>
      {face.mark}
      <span className="sr-only">{face.words}</span>
      <span
        data-hide=""
        aria-hidden
        title="Hide (what runs goes on)"
        className="-mr-1 rounded-sm p-0.5 text-faint opacity-0 group-hover:opacity-100 group-aria-selected:opacity-100 hover:bg-line hover:text-ink touch:hidden"
      >
        <X className="size-3" />
      </span>
    </button>
  );
}

/** Arrows move among the tabs, Delete hides one. */
function roam(event: KeyboardEvent<HTMLElement>, onHide: (tab: string) => void): void {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const tabs = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-tab]")];
  const at = tabs.findIndex((tab) => tab.matches(":focus"));
  const to = {
    ArrowRight: (at + 1) % tabs.length,
    ArrowLeft: (at - 1 + tabs.length) % tabs.length,
    Home: 0,
    End: tabs.length - 1,
  }[event.key];
  const tab = tabs[at]?.dataset.tab;
  if (to !== undefined) tabs[to]?.focus();
  else if (event.key === "Delete" && tab !== undefined) {
    onHide(tab);
    (tabs[at + 1] ?? tabs[at - 1])?.focus();
  } else return;
  event.preventDefault();
}
