// Records of the audit, newest first, for administrators.

import { Lock, ScrollText } from "lucide-react";
import { RestError, type rest } from "pilothouse-client";
import { useState } from "react";
import type { NewestFirst } from "@/api/newestFirst";
import { Button } from "@/ui/Button";
import { ColumnNames } from "@/ui/ColumnNames";
import { Empty, Failure, Skeleton } from "@/ui/Emptiness";
import { NewestList } from "@/ui/NewestList";
import { AuditRow, COLUMNS } from "./AuditRow";
import type { AuditSearch } from "./search";

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
  audit,
  search,
  isNarrowed,
  onClear,
}: {
  readonly audit: NewestFirst<rest.AuditShape>;
  readonly search: AuditSearch;
  readonly isNarrowed: boolean;
  readonly onClear: () => void;
}) {
  const { pages, items } = audit;
  const { opened, toggle } = useOpened();
  if (pages.isPending) return <Skeleton rows={12} />;
  if (pages.isError && items.length === 0) {
    return <Refused error={pages.error} onRetry={pages.refetch} />;
  }
  if (items.length === 0) {
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
  return (
    <NewestList
      list={audit}
      one="record"
      many="records"
      heading={
        <ColumnNames
          grid={COLUMNS}
          names={["When", "Who", "What", "Of what", "Result", "From"]}
          isDense
        />
      }
    >
      {(record) => (
        <AuditRow
          record={record}
          query={search.q ?? ""}
          isOpen={opened.has(record.id)}
          onToggle={() => toggle(record.id)}
        />
      )}
    </NewestList>
  );
}
