// What waits on the agent, in the order in which it will run; moved by dragging, by keys, or by menu.

import type { dashboard } from "pilothouse-client";
import { useState } from "react";
import { useMay } from "@/api/server";
import { holdSentence } from "@/features/agents/Hold";
import { placeInClass } from "@/features/commands/queue";
import { QueueRow } from "./QueueRow";

/** The section; nothing while nothing waits and nothing is held. */
export function Queue({
  agentId,
  queue,
  move,
  held,
  chosen,
}: {
  readonly agentId: string;
  readonly queue: readonly dashboard.QueuedCommand[];
  readonly move: (commandId: string, to: number) => Promise<void>;
  readonly held: dashboard.QueueHold | undefined;
  readonly chosen: string | undefined;
}) {
  const may = useMay();
  const [dragged, setDragged] = useState<string>();
  const [words, setWords] = useState("");
  if (queue.length === 0 && held === undefined) return null;
  const draggedPriority = queue.find(({ commandId }) => commandId === dragged)?.priority;
  const shift = (id: string, to: number) => {
    const { of } = placeInClass(queue, id);
    const at = Math.max(0, Math.min(of - 1, to));
    setWords(`Moved to place ${at + 1} of ${of} in its class.`);
    void move(id, at);
  };
  return (
    <section aria-labelledby="queue" className="flex max-h-[45%] shrink-0 flex-col border-b">
      <h2 id="queue" className="flex h-8 shrink-0 items-center gap-2 px-3 font-semibold">
        Queue <span className="tabular font-normal text-muted">{queue.length}</span>
      </h2>
      {held !== undefined && (
        <p className="mx-3 mb-2 rounded-md bg-warn-soft px-2 py-1 text-small text-warn">
          {holdSentence(held)}. Nothing here is started until then.
        </p>
      )}
      <p role="status" className="sr-only">
        {words}
      </p>
      <ol aria-label="Queue" className="min-h-0 overflow-auto">
        {queue.map((entry) => (
          <QueueRow
            key={entry.commandId}
            agentId={agentId}
            entry={entry}
            place={placeInClass(queue, entry.commandId)}
            mayAct={may.act}
            isChosen={entry.commandId === chosen}
            isTarget={draggedPriority === entry.priority}
            onDrag={setDragged}
            onDrop={() => {
              if (dragged === undefined || draggedPriority !== entry.priority) return;
              shift(dragged, placeInClass(queue, entry.commandId).at);
            }}
            onShift={(to) => shift(entry.commandId, to)}
          />
        ))}
      </ol>
    </section>
  );
}
