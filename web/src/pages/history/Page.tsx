// The page "History": one field that searches commands, what they and terminals printed, and the audit.

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo, useRef } from "react";
import { useMay } from "@/api/server";
import { AuditFilters } from "@/features/audit/AuditFilters";
import { AuditList } from "@/features/audit/AuditList";
import { useAudit } from "@/features/audit/records";
import { Button } from "@/ui/Button";
import { CopyLink } from "@/ui/CopyLink";
import { PageHeader } from "@/ui/PageHeader";
import { SearchBar } from "@/ui/SearchBar";
import { CommandList } from "./CommandList";
import { useCommandHistory } from "./commands";
import { Filters, type Narrow } from "./Filters";
import { HitList } from "./HitList";
import { type Kind, Kinds, type Tally } from "./Kinds";
import { useOutputHits } from "./output";
import { historySearch, isNarrowed } from "./search";

/** Changes what the address says; each change of filters is a step that "back" takes back. */
function useNarrow(): Narrow {
  const navigate = useNavigate();
  return useCallback(
    (change) =>
      void navigate({
        to: "/history",
        search: (search) => historySearch({ ...search, ...change }),
        replace: "q" in change,
      }),
    [navigate],
  );
}

/** See the top of the file. */
export function Page() {
  const search = useSearch({ from: "/history" });
  const narrow = useNarrow();
  const list = useRef<HTMLDivElement>(null);
  const { kind, q } = search;
  // Where words are searched, every kind says how many it has.
  const isSearching = q !== undefined;
  const history = useCommandHistory(search, kind === undefined || isSearching);
  const output = useOutputHits(search, kind === "output" || isSearching);
  const { administer } = useMay();
  const audit = useAudit(search, kind === "audit" || (administer && isSearching));
  const requesters = useMemo(
    () => [...new Set(history.items.map(({ requestedBy }) => requestedBy))],
    [history.items],
  );
  const audited: Kind = { kind: "audit", label: "Audit", tally: tallyOf(audit, audit.items) };
  const kinds: readonly Kind[] = [
    { kind: undefined, label: "Commands", tally: tallyOf(history, history.items) },
    { kind: "output", label: "Output", tally: tallyOf(output, output.hits) },
    ...(administer || kind === "audit" ? [audited] : []),
  ];
  const searchFor = useCallback((text: string) => narrow({ q: text || undefined }), [narrow]);
  const clear = () => narrow(EVERYTHING);
  // Another list begins at its top.
  const shown = JSON.stringify(search);
  const enterList = () =>
    list.current?.querySelector<HTMLElement>("[data-index] :is(a[href], button)")?.focus();
  return (
    <>
      <PageHeader
        title="History"
        documentTitle={q === undefined ? "History" : `${q} · History`}
        actions={<CopyLink />}
      >
        <SearchBar
          label="Search history"
          placeholder={
            kind === "output" ? "Words that were printed" : "Words of commands or output"
          }
          value={q ?? ""}
          onSearch={searchFor}
          onLeave={enterList}
        />
        <div className="-mb-2.5 flex flex-wrap items-center justify-between gap-x-4">
          <Kinds kinds={kinds} shown={kind} />
          <div className="flex flex-wrap items-center gap-1.5 max-lg:py-1.5">
            {kind === "audit" ? (
              <AuditFilters search={search} narrow={narrow} records={audit.items} />
            ) : (
              <Filters search={search} narrow={narrow} requesters={requesters} />
            )}
            {isNarrowed(search) && (
              <Button size="small" kind="quiet" onClick={() => narrow({ ...EVERYTHING, q })}>
                Clear filters
              </Button>
            )}
          </div>
        </div>
      </PageHeader>
      <div ref={list} className="flex min-h-0 flex-1 flex-col">
        {kind === "output" && <HitList output={output} search={search} />}
        {kind === "audit" && (
          <AuditList
            key={shown}
            audit={audit}
            search={search}
            isNarrowed={isSearching || isNarrowed(search)}
            onClear={clear}
          />
        )}
        {kind === undefined && (
          <CommandList key={shown} history={history} search={search} onClear={clear} />
        )}
      </div>
    </>
  );
}

/** How many of a kind are known. */
const tallyOf = (
  { pages }: { readonly pages: { readonly isSuccess: boolean; readonly hasNextPage: boolean } },
  items: readonly unknown[],
): Tally | undefined =>
  pages.isSuccess ? { count: items.length, isMore: pages.hasNextPage } : undefined;

/** All words and filters, so that they go. */
const EVERYTHING = {
  q: undefined,
  agent: undefined,
  user: undefined,
  action: undefined,
  result: undefined,
  status: undefined,
  by: undefined,
  range: undefined,
  from: undefined,
  to: undefined,
} as const;
