// The agent's commands: what runs, what waits, what was run.

import { useMemo } from "react";
import { useRecentCommands } from "@/features/commands/recent";
import { useQueue } from "@/features/commands/useQueue";
import { useLiveAgent } from "@/live/fleet";
import { Button } from "@/ui/Button";
import { Empty, Failure, Skeleton } from "@/ui/Emptiness";
import { Rows } from "@/ui/Rows";
import { CommandRow } from "./CommandRow";
import { Queue } from "./Queue";

/** The panel. */
export function Commands({
  agentId,
  chosen,
}: {
  readonly agentId: string;
  readonly chosen: string | undefined;
}) {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useRecentCommands(agentId);
  const { queue, move } = useQueue(agentId);
  const held = useLiveAgent(agentId)?.queue?.held;
  const commands = useMemo(() => {
    const waiting = new Set(queue.map(({ commandId }) => commandId));
    const all = data?.pages.flatMap((page) => page.commands) ?? [];
    return all.filter(({ id }) => !waiting.has(id));
  }, [data, queue]);
  if (data === undefined) {
    return error === null ? <Skeleton rows={8} /> : <Failure error={error} onRetry={refetch} />;
  }
  if (commands.length === 0 && queue.length === 0) {
    return (
      <Empty title="Nothing was run here yet">
        What you run is listed here, with how it ended.
      </Empty>
    );
  }
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <Queue agentId={agentId} queue={queue} move={move} held={held} chosen={chosen} />
      {(queue.length > 0 || held !== undefined) && (
        <h2 className="flex h-8 shrink-0 items-center border-b px-3 font-semibold">Run</h2>
      )}
      <Rows
        items={commands}
        keyOf={({ id }) => id}
        rowHeight={52}
        label="Commands"
        footer={
          hasNextPage && (
            <div className="flex justify-center p-2">
              <Button size="small" isBusy={isFetchingNextPage} onClick={() => fetchNextPage()}>
                Show older
              </Button>
            </div>
          )
        }
      >
        {(command) => <CommandRow command={command} isChosen={command.id === chosen} />}
      </Rows>
    </div>
  );
}
