// A long list, newest first. New rows come in on top while the top is in sight, else they wait.

import { type ReactNode, useMemo, useRef } from "react";
import { ListEnd, type ListPages } from "./ListEnd";
import { NewerButton, useNewer } from "./Newer";
import { Rows } from "./Rows";
import { capital } from "./sentence";

/** The list, with the names of its columns above it. */
export function NewestList<Item extends { readonly id: string }>({
  list: { pages, items, more },
  one,
  many,
  heading,
  children,
}: {
  readonly list: {
    readonly pages: ListPages;
    readonly items: readonly Item[];
    /** Fetches older ones. */
    readonly more: () => void;
  };
  /** What it is one of, such as "command". */
  readonly one: string;
  readonly many: string;
  readonly heading: ReactNode;
  readonly children: (item: Item) => ReactNode;
}) {
  const place = useRef<HTMLDivElement>(null);
  const ids = useMemo(() => items.map(({ id }) => id), [items]);
  const { hidden, onTop, release } = useNewer(ids);
  const showNewest = () => {
    release();
    place.current?.querySelector("ul")?.parentElement?.scrollTo({ top: 0 });
  };
  return (
    <div ref={place} className="relative flex min-h-0 flex-1 flex-col">
      {heading}
      <NewerButton count={hidden} one={one} many={many} onShow={showNewest} />
      <Rows
        items={items.slice(hidden)}
        keyOf={({ id }) => id}
        rowHeight={37}
        label={capital(many)}
        className="[scrollbar-gutter:stable]"
        onNearEnd={more}
        onTop={onTop}
        footer={<ListEnd pages={pages} count={items.length} what={many} />}
      >
        {children}
      </Rows>
    </div>
  );
}
