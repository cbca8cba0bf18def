// Commands that fit, newest first. New ones come in on top while the top is in sight, else they wait.

import { ArrowUp, History } from "lucide-react";
import { useRef, useState } from "react";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { Empty, Failure, Skeleton } from "@/ui/Emptiness";
import { Rows } from "@/ui/Rows";
import { COLUMNS, CommandRow } from "./CommandRow";
import type { useCommandHistory } from "./commands";
import { type HistorySearch, isNarrowed } from "./search";

function Heading() {
  return (
    <div
      aria-hidden
      className={classes(
        COLUMNS,
        "h-7 shrink-0 overflow-hidden border-b bg-surface text-tiny [scrollbar-gutter:stable] font-medium text-faint max-lg:hidden",
      )}
    >
      <span>State</span>
      <span>Command</span>
      <span>Agent</span>
      <span>Asked by</span>
      <span>Ran for</span>
      <span>Asked at</span>
    </div>
  );
}

function Nothing({ search, onClear }: { search: HistorySearch; onClear: () => void }) {
  if (search.q === undefined && !isNarrowed(search)) {
    return (
      <Empty icon={<History />} title="No commands yet">
        What anybody runs on an agent is listed here, with its output, for as long as the server
        keeps it.
      </Empty>
    );
  }
  return (
    <Empty
      icon={<History />}
      title="No command fits"
      action={<Button onClick={onClear}>Clear words and filters</Button>}
    >
      Words are looked for in command lines. What commands printed is under Output.
    </Empty>
  );
}

/** How new commands are held back while somebody reads further down. */
function useHeld(ids: readonly string[]) {
  const [held, setHeld] = useState<string>();
  const hidden = held === undefined ? 0 : Math.max(0, ids.indexOf(held));
  return { hidden, hold: () => setHeld(ids[hidden]), release: () => setHeld(undefined) };
}

/** The list. */
export function CommandList({
  history: { pages, commands, more },
  search,
  onClear,
}: {
  readonly history: ReturnType<typeof useCommandHistory>;
  readonly search: HistorySearch;
  readonly onClear: () => void;
}) {
  const place = useRef<HTMLDivElement>(null);
  const { hidden, hold, release } = useHeld(commands.map(({ id }) => id));
  if (pages.isPending) return <Skeleton rows={12} />;
  if (pages.isError && commands.length === 0) {
    return <Failure error={pages.error} onRetry={pages.refetch} />;
  }
  if (commands.length === 0) return <Nothing search={search} onClear={onClear} />;
  const showNewest = () => {
    release();
    place.current?.querySelector("ul")?.parentElement?.scrollTo({ top: 0 });
  };
  return (
    <div ref={place} className="relative flex min-h-0 flex-1 flex-col">
      <Heading />
      {hidden > 0 && (
        <Button
          size="small"
          className="absolute top-9 left-1/2 z-20 -translate-x-1/2 rounded-full! shadow-float"
          icon={<ArrowUp aria-hidden className="size-3.5" />}
          onClick={showNewest}
        >
          {hidden === 1 ? "1 more command" : `${hidden} more commands`}
        </Button>
      )}
      <Rows
        items={commands.slice(hidden)}
        keyOf={({ id }) => id}
        rowHeight={37}
        label="Commands"
        className="[scrollbar-gutter:stable]"
        onNearEnd={more}
        onTop={(isAtTop) => (isAtTop ? release() : hold())}
        footer={<End pages={pages} more={more} count={commands.length} />}
      >
        {(command) => <CommandRow command={command} query={search.q ?? ""} />}
      </Rows>
    </div>
  );
}

function End({
  pages,
  more,
  count,
}: {
  readonly pages: ReturnType<typeof useCommandHistory>["pages"];
  readonly more: () => void;
  readonly count: number;
}) {
  if (pages.isFetchNextPageError) {
    return <Failure error={pages.error} onRetry={() => void pages.fetchNextPage()} />;
  }
  if (pages.hasNextPage) {
    return (
      <div className="p-3 text-center">
        <Button size="small" kind="quiet" isBusy={pages.isFetchingNextPage} onClick={more}>
          {pages.isFetchingNextPage ? "Loading older commands" : "Show older commands"}
        </Button>
      </div>
    );
  }
  if (count < 20) return null;
  return <p className="p-4 text-center text-small text-faint">That is the oldest one that fits.</p>;
}
