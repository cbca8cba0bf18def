// Lists of any length, of which only what is visible is in the page.

import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import { classes } from "./classes";

/** The next page is asked for when so many rows are left. */
const AHEAD = 20;

/** Arrows go from row to row, to the first link or button of each. */
function stepped(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || event.defaultPrevented || !(event.target instanceof HTMLElement))
    return;
  if (event.target.closest("input, textarea, select") !== null) return;
  const row = event.target.closest<HTMLElement>("[data-index]");
  if (row === null) return;
  const next = `[data-index="${Number(row.dataset.index) + step}"]`;
  const place = event.currentTarget.querySelector<HTMLElement>(`${next} :is(a[href], button)`);
  if (place === null) return;
  event.preventDefault();
  place.focus();
}

/** A list. Rows are as high as they want to be; `rowHeight` is the guess for those not seen yet. */
export function Rows<T>({
  items,
  keyOf,
  rowHeight,
  label,
  children,
  footer,
  current,
  isEven = false,
  className,
  onNearEnd,
  onTop,
  onPointed,
}: {
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string;
  readonly rowHeight: number;
  /** What it is a list of, for screen readers. */
  readonly label: string;
  readonly children: (item: T, index: number) => ReactNode;
  /** After the last row, such as a button for the next page. */
  readonly footer?: ReactNode;
  /** Whether every row is exactly as high as `rowHeight`: then none is measured. */
  readonly isEven?: boolean;
  /** The row that keys are at: it is kept in sight. */
  readonly current?: number | undefined;
  readonly className?: string;
  /** The last rows are about to be seen: the next page is wanted. Called again and again. */
  readonly onNearEnd?: () => void;
  /** Whether the first row is in sight, whenever that changes. */
  readonly onTop?: (isAtTop: boolean) => void;
  /** Whether a mouse is over the list, whenever that changes. */
  readonly onPointed?: (isPointed: boolean) => void;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const wasAtTop = useRef(true);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => {
      const item = items[index];
      return item === undefined ? index : keyOf(item);
    },
    overscan: 8,
  });
  useEffect(() => {
    if (current !== undefined) virtual.scrollToIndex(current, { align: "auto" });
  }, [current, virtual]);
  const scrolled = () => {
    const place = scroller.current;
    if (place === null) return;
    const isAtTop = place.scrollTop < rowHeight / 2;
    if (isAtTop !== wasAtTop.current) onTop?.(isAtTop);
    wasAtTop.current = isAtTop;
    const left = place.scrollHeight - place.scrollTop - place.clientHeight;
    if (left < AHEAD * rowHeight) onNearEnd?.();
  };
  return (
    // A scroller without a link or button in it has to take focus to be scrolled by keys.
    <div
      ref={scroller}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls.
      tabIndex={0}
      onScroll={scrolled}
      onPointerEnter={({ pointerType }) => pointerType === "mouse" && onPointed?.(true)}
      onPointerLeave={() => onPointed?.(false)}
      className={classes("min-h-0 flex-1 overflow-auto", className)}
    >
      <ul
        aria-label={label}
        className="relative w-full"
        style={{ height: virtual.getTotalSize() }}
        onKeyDown={stepped}
      >
        {virtual.getVirtualItems().map(({ index, key, start }) => {
          const item = items[index];
          if (item === undefined) return null;
          return (
            <li
              key={key}
              ref={isEven ? undefined : virtual.measureElement}
              data-index={index}
              aria-setsize={items.length}
              aria-posinset={index + 1}
              className="absolute inset-x-0 top-0"
              style={{ transform: `translateY(${start}px)` }}
            >
              {children(item, index)}
            </li>
          );
        })}
      </ul>
      {footer}
    </div>
  );
}
