// Commands that fit, newest first. New ones come in on top while the top is in sight, else they wait.

import { History } from "lucide-react";
import { useMemo, useRef } from "react";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { Empty, Failure, Skeleton } from "@/ui/Emptiness";
import { ListEnd } from "@/ui/ListEnd";
import { NewerButton, useNewer } from "@/ui/Newer";
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
  const ids = useMemo(() => commands.map(({ id }) => id), [commands]);
  const { hidden, onTop, release } = useNewer(ids);
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
      <NewerButton count={hidden} one="command" many="commands" onShow={showNewest} />
      <Rows
        items={commands.slice(hidden)}
        keyOf={({ id }) => id}
        rowHeight={37}
        label="Commands"
        className="[scrollbar-gutter:stable]"
        onNearEnd={more}
        onTop={onTop}
        footer={<ListEnd pages={pages} count={commands.length} what="commands" />}
      >
        {(command) => <CommandRow command={command} query={search.q ?? ""} />}
      </Rows>
    </div>
  );
}
