// Records of the audit, newest first, for administrators.

import { Lock, ScrollText } from "lucide-react";
import { RestError } from "pilothouse-client";
import { useMemo, useRef, useState } from "react";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { Empty, Failure, Skeleton } from "@/ui/Emptiness";
import { ListEnd } from "@/ui/ListEnd";
import { NewerButton, useNewer } from "@/ui/Newer";
import { Rows } from "@/ui/Rows";
import { AuditRow, COLUMNS } from "./AuditRow";
import type { useAudit } from "./records";
import type { AuditSearch } from "./search";

function Heading() {
  return (
    <div
      aria-hidden
      className={classes(
        COLUMNS,
        "h-7 shrink-0 overflow-hidden border-b bg-surface text-tiny font-medium text-faint [scrollbar-gutter:stable] max-lg:hidden",
      )}
    >
      <span>When</span>
      <span>Who</span>
      <span>What</span>
      <span>Of what</span>
      <span>Result</span>
      <span>From</span>
    </div>
  );
}

function Refused({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }) {
  if (error instanceof RestError && error.status === 403) {
    return (
      <Empty icon={<Lock />} title="The audit is for administrators">
        It tells who did what on this server. Ask an administrator if you need something from it.
      </Empty>
    );
  }
  return <Failure error={error} onRetry={onRetry} />;
}

function useOpened() {
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const toggle = (id: string) =>
    setOpened((before) => {
      const after = new Set(before);
      if (!after.delete(id)) after.add(id);
      return after;
    });
  return { opened, toggle };
}

/** The list. */
export function AuditList({
  audit: { pages, records, more },
  search,
  isNarrowed,
  onClear,
}: {
  readonly audit: ReturnType<typeof useAudit>;
  readonly search: AuditSearch;
  readonly isNarrowed: boolean;
  readonly onClear: () => void;
}) {
  const place = useRef<HTMLDivElement>(null);
  const ids = useMemo(() => records.map(({ id }) => id), [records]);
  const { hidden, onTop, release } = useNewer(ids);
  const { opened, toggle } = useOpened();
  if (pages.isPending) return <Skeleton rows={12} />;
  if (pages.isError && records.length === 0) {
    return <Refused error={pages.error} onRetry={pages.refetch} />;
  }
  if (records.length === 0) {
    const clear = isNarrowed && <Button onClick={onClear}>Clear words and filters</Button>;
    return (
      <Empty
        icon={<ScrollText />}
        title={isNarrowed ? "No record fits" : "Nobody has done anything yet"}
        action={clear}
      >
        Everything that changes something leaves a record here, and so does what was refused.
      </Empty>
    );
  }
  const showNewest = () => {
    release();
    place.current?.querySelector("ul")?.parentElement?.scrollTo({ top: 0 });
  };
  return (
    <div ref={place} className="relative flex min-h-0 flex-1 flex-col">
      <Heading />
      <NewerButton count={hidden} one="record" many="records" onShow={showNewest} />
      <Rows
        items={records.slice(hidden)}
        keyOf={({ id }) => id}
        rowHeight={37}
        label="Records"
        className="[scrollbar-gutter:stable]"
        onNearEnd={more}
        onTop={onTop}
        footer={<ListEnd pages={pages} count={records.length} what="records" />}
      >
        {(record) => (
          <AuditRow
            record={record}
            query={search.q ?? ""}
            isOpen={opened.has(record.id)}
            onToggle={() => toggle(record.id)}
          />
        )}
      </Rows>
    </div>
  );
}
