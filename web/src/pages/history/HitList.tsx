// Places in output that have the words, newest first.

import { ScrollText } from "lucide-react";
import { Button } from "@/ui/Button";
import { Empty, Failure, Skeleton } from "@/ui/Emptiness";
import { ListEnd } from "@/ui/ListEnd";
import { Rows } from "@/ui/Rows";
import { HitRow } from "./HitRow";
import type { useOutputHits } from "./output";
import type { HistorySearch } from "./search";

/** The list. */
export function HitList({
  output: { pages, groups, more, hasWords },
  search,
}: {
  readonly output: ReturnType<typeof useOutputHits>;
  readonly search: HistorySearch;
}) {
  if (!hasWords) {
    return (
      <Empty icon={<ScrollText />} title="Search everything that was printed">
        Type words that commands or terminals have printed, such as an error. All of them have to be
        there, in any order.
      </Empty>
    );
  }
  if (pages.isPending) return <Skeleton rows={12} />;
  if (pages.isError && groups.length === 0) {
    return <Failure error={pages.error} onRetry={pages.refetch} />;
  }
  if (groups.length === 0) {
    return (
      <Empty
        icon={<ScrollText />}
        title="Nothing printed has these words"
        action={
          <Button isBusy={pages.isFetching} onClick={() => void pages.refetch()}>
            Search again
          </Button>
        }
      >
        Whole words are looked for. What was printed in the last seconds may be found only later.
      </Empty>
    );
  }
  return (
    <Rows
      items={groups}
      keyOf={({ key }) => key}
      rowHeight={90}
      label="Output"
      onNearEnd={more}
      footer={<ListEnd pages={pages} count={groups.length} what="output" />}
    >
      {(group) => <HitRow group={group} query={search.q ?? ""} />}
    </Rows>
  );
}
