// Lists of any length, of which only what is visible is in the page.

import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";
import { classes } from "./classes";

/** A list. Rows are as high as they want to be; `rowHeight` is the guess for those not seen yet. */
export function Rows<T>({
  items,
  keyOf,
  rowHeight,
  label,
  children,
  footer,
  current,
  className,
}: {
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string;
  readonly rowHeight: number;
  /** What it is a list of, for screen readers. */
  readonly label: string;
  readonly children: (item: T, index: number) => ReactNode;
  /** After the last row, such as a button for the next page. */
  readonly footer?: ReactNode;
  /** The row that keys are at: it is kept in sight. */
  readonly current?: number | undefined;
  readonly className?: string;
}) {
  const scroller = useRef<HTMLDivElement>(null);
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
  return (
    // A scroller without a link or button in it has to take focus to be scrolled by keys.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls.
    <div ref={scroller} tabIndex={0} className={classes("min-h-0 flex-1 overflow-auto", className)}>
      <ul aria-label={label} className="relative w-full" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, key, start }) => {
          const item = items[index];
          if (item === undefined) return null;
          return (
            <li
              key={key}
              ref={virtual.measureElement}
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
