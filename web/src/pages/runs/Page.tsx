// The page "Runs": browser tasks that agents do step by step, the newest first.

import { useNavigate, useSearch } from "@tanstack/react-router";
import { Plus, Route } from "lucide-react";
import { useCallback, useMemo } from "react";
import { useRunList } from "@/api/runs";
import { useMay } from "@/api/server";
import { useAgentNames } from "@/live/machines";
import { Button } from "@/ui/Button";
import { ColumnNames } from "@/ui/ColumnNames";
import { CopyLink } from "@/ui/CopyLink";
import { Empty, Failure, Skeleton } from "@/ui/Emptiness";
import { NewestList } from "@/ui/NewestList";
import { PageHeader } from "@/ui/PageHeader";
import { CreateRun } from "./create/CreateRun";
import { Filters, type Narrow } from "./Filters";
import { COLUMNS, RunRow } from "./RunRow";
import { isNarrowed, runsQuery, runsSearch } from "./search";

const EVERYTHING = { status: undefined, agent: undefined, by: undefined } as const;

/** See the top of the file. */
export function Page() {
  const search = useSearch({ from: "/runs" });
  const navigate = useNavigate();
  const may = useMay();
  const agents = useAgentNames();
  const { status, agent, by } = search;
  const query = useMemo(
    () => runsQuery({ ...(status && { status }), ...(agent && { agent }), ...(by && { by }) }),
    [status, agent, by],
  );
  const list = useRunList(query);
  const narrow: Narrow = useCallback(
    (change) =>
      void navigate({
        to: "/runs",
        search: (before) => runsSearch({ ...before, ...change }),
        replace: "new" in change,
      }),
    [navigate],
  );
  const { pages, items } = list;
  const isFiltered = isNarrowed(search);
  const isNothing = pages.isSuccess && items.length === 0;
  const begin = may.act && (
    <Button
      kind="primary"
      icon={<Plus aria-hidden className="size-4" />}
      onClick={() => narrow({ new: 1 })}
    >
      New run
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Runs"
        documentTitle="Runs"
        actions={
          <>
            <CopyLink />
            {(items.length > 0 || isFiltered) && begin}
          </>
        }
      >
        <div className="flex flex-wrap items-center gap-1.5">
          <Filters search={search} narrow={narrow} runs={items} />
          {isFiltered && (
            <Button size="small" kind="quiet" onClick={() => narrow(EVERYTHING)}>
              Clear filters
            </Button>
          )}
        </div>
      </PageHeader>
      {pages.isPending && <Skeleton rows={12} />}
      {pages.isError && items.length === 0 && (
        <Failure error={pages.error} onRetry={() => void pages.refetch()} />
      )}
      {isNothing && !isFiltered && (
        <Empty
          icon={<Route aria-hidden />}
          title="No runs yet"
          {...(begin === false ? {} : { action: begin })}
        >
          A run is a browser task that an agent does step by step. Every step is kept with a picture
          of the page, and people can watch, approve, answer and take over.
        </Empty>
      )}
      {isNothing && isFiltered && (
        <Empty
          icon={<Route aria-hidden />}
          title="No run fits"
          action={<Button onClick={() => narrow(EVERYTHING)}>Clear filters</Button>}
        />
      )}
      {items.length > 0 && (
        <NewestList
          key={JSON.stringify(query)}
          list={list}
          one="run"
          many="runs"
          heading={
            <ColumnNames
              grid={COLUMNS}
              names={["State", "Task", "Agent", "Steps", "Asked by", "Took", "Asked at"]}
              isDense
            />
          }
        >
          {(run) => <RunRow run={run} agent={agents.get(run.agentId) ?? run.agentId} />}
        </NewestList>
      )}
      {may.act && search.new === 1 && (
        <CreateRun
          agentId={search.agent}
          onClose={() => narrow({ new: undefined })}
          onMade={({ id }) => void navigate({ to: "/runs/$runId", params: { runId: id } })}
        />
      )}
    </>
  );
}
