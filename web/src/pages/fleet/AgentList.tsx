// The agents, however many: filtered, sorted, and walked through by keys.

import { useNavigate } from "@tanstack/react-router";
import { type RefObject, useMemo, useState } from "react";
import { useMay } from "@/api/server";
import { Checkbox } from "@/ui/Checkbox";
import { Empty } from "@/ui/Emptiness";
import { useKeys } from "@/ui/keyboard";
import { useMedia } from "@/ui/media";
import { Rows } from "@/ui/Rows";
import { AgentRow, COLUMNS } from "./AgentRow";
import { steady } from "./order";
import { useSelection } from "./selection";

/** Below this, rows are cards. */
const WIDE_PX = 1000;

function SelectAll({ ids }: { readonly ids: readonly string[] }) {
  const selected = useSelection((state) => state.ids);
  const only = useSelection((state) => state.only);
  const isAll = ids.length > 0 && ids.every((id) => selected.has(id));
  return (
    <Checkbox
      label="Select all that are listed"
      isChecked={isAll}
      onChange={() => only(isAll ? [] : ids)}
    />
  );
}

/** The line above the list. */
function Headings({ ids }: { readonly ids: readonly string[] }) {
  const may = useMay();
  return (
    <div className={`${COLUMNS} h-7 shrink-0 border-b bg-surface text-tiny font-medium text-muted`}>
      <span className="flex">{may.act && <SelectAll ids={ids} />}</span>
      <span>Status</span>
      <span>Agent</span>
      <span>Machine · type</span>
      <span>Running</span>
      <span>Queue</span>
      <span>Last line</span>
      <span />
    </div>
  );
}

/** The order that is shown: it stands still while somebody points at the list, so that nobody presses the wrong row. */
function useSteady(ids: readonly string[], isPointed: boolean): readonly string[] {
  const [kept, setKept] = useState<readonly string[]>();
  const shown = useMemo(
    () => (isPointed && kept !== undefined ? steady(kept, ids) : ids),
    [isPointed, kept, ids],
  );
  if (isPointed && kept === undefined) setKept(ids);
  if (!isPointed && kept !== undefined) setKept(undefined);
  return shown;
}

/** The list. */
export function AgentList({
  ids: ordered,
  filter,
}: {
  readonly ids: readonly string[];
  readonly filter: RefObject<HTMLInputElement | null>;
}) {
  const navigate = useNavigate();
  const isWide = useMedia(`(min-width: ${WIDE_PX}px)`);
  const may = useMay();
  const [isPointed, setPointed] = useState(false);
  const ids = useSteady(ordered, isPointed);
  const [currentId, setCurrentId] = useState<string>();
  const at = currentId === undefined ? -1 : ids.indexOf(currentId);
  const move = (to: number) => setCurrentId(ids[Math.max(0, Math.min(ids.length - 1, to))]);
  useKeys({
    "/": () => filter.current?.focus(),
    j: () => move(at + 1),
    k: () => move(at - 1),
    ArrowDown: () => move(at + 1),
    ArrowUp: () => move(at - 1),
    Home: () => move(0),
    End: () => move(ids.length - 1),
    x: () => {
      const { ids: selected, set } = useSelection.getState();
      if (may.act && currentId !== undefined) set(currentId, !selected.has(currentId));
    },
    n: () => {
      if (currentId === undefined) return;
      void navigate({ to: "/agents/$agentId", params: { agentId: currentId } });
    },
  });
  // Each row follows its own agent: the list itself is drawn again only when the order changes.
  return useMemo(
    () =>
      ids.length === 0 ? (
        <Empty title="No agent is like that">
          Change the words or the status that you look for, or take them away.
        </Empty>
      ) : (
        <>
          {isWide && <Headings ids={ids} />}
          <Rows
            items={ids}
            keyOf={(id) => id}
            rowHeight={isWide ? 36 : 84}
            label="Agents"
            isEven={isWide}
            onPointed={setPointed}
            current={at < 0 ? undefined : at}
          >
            {(id) => (
              <AgentRow
                agentId={id}
                isCurrent={id === currentId}
                isWide={isWide}
                maySelect={may.act}
                onFocus={setCurrentId}
              />
            )}
          </Rows>
        </>
      ),
    [ids, isWide, at, currentId, may.act],
  );
}
