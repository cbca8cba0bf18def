// The page "History": one field that searches commands, what they and terminals printed, and the audit.

import { useNavigate, useSearch } from "@tanstack/react-router";
import { Link2 } from "lucide-react";
import { useCallback, useMemo, useRef } from "react";
import { Button } from "@/ui/Button";
import { PageHeader } from "@/ui/PageHeader";
import { SearchBar } from "@/ui/SearchBar";
import { tell, tellFailure } from "@/ui/Toasts";
import { CommandList } from "./CommandList";
import { useCommandHistory } from "./commands";
import { Filters, type Narrow } from "./Filters";
import { HitList } from "./HitList";
import { type Kind, Kinds } from "./Kinds";
import { useOutputHits } from "./output";
import { historySearch } from "./search";

async function copyLink(): Promise<void> {
  try {
    await navigator.clipboard.writeText(location.href);
    tell("The link is copied", { description: "It shows these words and filters." });
  } catch (error) {
    tellFailure("The link could not be copied", error);
  }
}

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
  const requesters = useMemo(
    () => [...new Set(history.commands.map(({ requestedBy }) => requestedBy))],
    [history.commands],
  );
  const kinds: readonly Kind[] = [
    {
      kind: undefined,
      label: "Commands",
      tally: history.pages.isSuccess
        ? { count: history.commands.length, isMore: history.pages.hasNextPage }
        : undefined,
    },
    {
      kind: "output",
      label: "Output",
      tally: output.pages.isSuccess
        ? { count: output.hits.length, isMore: output.pages.hasNextPage }
        : undefined,
    },
  ];
  const searchFor = useCallback((text: string) => narrow({ q: text || undefined }), [narrow]);
  const enterList = () =>
    list.current?.querySelector<HTMLElement>("[data-index] :is(a[href], button)")?.focus();
  return (
    <>
      <PageHeader
        title="History"
        documentTitle={q === undefined ? "History" : `${q} · History`}
        actions={
          <Button
            kind="quiet"
            size="small"
            icon={<Link2 aria-hidden className="size-4" />}
            onClick={copyLink}
          >
            Copy link
          </Button>
        }
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
            <Filters search={search} narrow={narrow} requesters={requesters} />
          </div>
        </div>
      </PageHeader>
      <div ref={list} className="flex min-h-0 flex-1 flex-col">
        {kind === "output" ? (
          <HitList output={output} search={search} />
        ) : (
          <CommandList
            // Another list begins at its top.
            key={JSON.stringify(search)}
            history={history}
            search={search}
            onClear={() => narrow(EVERYTHING)}
          />
        )}
      </div>
    </>
  );
}

const EVERYTHING = {
  q: undefined,
  agent: undefined,
  status: undefined,
  by: undefined,
  range: undefined,
  from: undefined,
  to: undefined,
} as const;
