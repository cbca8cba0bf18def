// Commands that fit, newest first. New ones come in on top while the top is in sight, else they wait.

import { History } from "lucide-react";
import type { rest } from "pilothouse-client";
import type { NewestFirst } from "@/api/newestFirst";
import { Button } from "@/ui/Button";
import { ColumnNames } from "@/ui/ColumnNames";
import { Empty, Failure, Skeleton } from "@/ui/Emptiness";
import { NewestList } from "@/ui/NewestList";
import { COLUMNS, CommandRow } from "./CommandRow";
import { type HistorySearch, isNarrowed } from "./search";

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
  history,
  search,
  onClear,
}: {
  readonly history: NewestFirst<rest.Command>;
  readonly search: HistorySearch;
  readonly onClear: () => void;
}) {
  const { pages, items } = history;
  if (pages.isPending) return <Skeleton rows={12} />;
  if (pages.isError && items.length === 0) {
    return <Failure error={pages.error} onRetry={pages.refetch} />;
  }
  if (items.length === 0) return <Nothing search={search} onClear={onClear} />;
  return (
    <NewestList
      list={history}
      one="command"
      many="commands"
      heading={
        <ColumnNames
          grid={COLUMNS}
          names={["State", "Command", "Agent", "Asked by", "Ran for", "Asked at"]}
          isDense
        />
      }
    >
      {(command) => <CommandRow command={command} query={search.q ?? ""} />}
    </NewestList>
  );
}
