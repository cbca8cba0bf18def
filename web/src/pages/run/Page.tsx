// The page of one run: what it did step by step, what it is at now, and what it waits for.

import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ChevronLeft, Hourglass, Route } from "lucide-react";
import { useCallback } from "react";
import { isOver, type KnownRun, useRun } from "@/api/runs";
import { AnswerForm } from "@/features/runs/AnswerForm";
import { RunState } from "@/features/runs/RunState";
import { runName } from "@/features/runs/standing";
import { useAgentNames } from "@/live/machines";
import { useRunNews } from "@/live/runs";
import { Empty, Failure, Skeleton } from "@/ui/Emptiness";
import { PageHeader } from "@/ui/PageHeader";
import { chosenOf, type Place, placesOf } from "./chosen";
import { Facts } from "./Facts";
import { Filmstrip } from "./Filmstrip";
import { RunActions } from "./RunActions";
import { RunLive } from "./RunLive";
import { StepView } from "./StepView";

/** The page. What it gives is said, or the router's types would be made of themselves. */
export function Page(): React.ReactNode {
  const { runId } = useParams({ from: "/runs/$runId" });
  // Nothing of one run is shown in another.
  return <Followed key={runId} runId={runId} />;
}

function Followed({ runId }: { readonly runId: string }) {
  const known = useRun(runId);
  useRunNews(known.data?.run);
  if (known.data !== undefined) return <Shown {...known.data} />;
  return (
    <>
      <PageHeader documentTitle="Run" title={<Title name={runId} />} />
      {known.isError ? (
        <Failure error={known.error} onRetry={() => void known.refetch()} />
      ) : (
        <Skeleton rows={8} />
      )}
    </>
  );
}

function Shown({ run, steps }: KnownRun) {
  const { step: asked } = useSearch({ from: "/runs/$runId" });
  const navigate = useNavigate();
  const isLive = run.status === "INPROGRESS";
  const places = placesOf(steps, isLive);
  const chosen = chosenOf(places, asked);
  const name = runName(run);
  const choose = useCallback(
    (place: Place) =>
      void navigate({
        to: "/runs/$runId",
        params: { runId: run.id },
        search: place === "now" ? {} : { step: place },
        replace: true,
      }),
    [navigate, run.id],
  );
  const step = steps.find(({ number }) => number === chosen);
  return (
    <>
      <div className="in-data-[keyboard=open]:hidden">
        <PageHeader
          documentTitle={`${name} · Runs`}
          title={<Title name={name} />}
          lead={
            <span className="flex items-center gap-2 text-small text-muted" role="status">
              <RunState run={run} />
            </span>
          }
          actions={<RunActions run={run} steps={steps} />}
        />
      </div>
      {run.waiting != null && !isOver(run) && (
        <section
          aria-label="Waits for a person"
          className="max-h-[50%] shrink-0 overflow-auto border-b bg-warn-soft px-4 py-3"
        >
          <div className="max-w-3xl">
            <AnswerForm run={run} wait={run.waiting} />
          </div>
        </section>
      )}
      <div className="flex min-h-0 flex-1 max-lg:flex-col max-lg:overflow-auto">
        <div className="flex min-h-0 min-w-0 flex-1 flex-col max-lg:h-[75dvh] max-lg:flex-none">
          {step !== undefined && <StepView runId={run.id} step={step} />}
          {isLive && (
            // Hidden rather than gone: whoever steers may look at a step without giving that up.
            <div className={chosen === "now" ? "flex min-h-0 flex-1 flex-col" : "hidden"}>
              <RunLive streamId={run.browserId} name={name} />
            </div>
          )}
          {chosen === undefined && <Nothing {...{ run, steps }} />}
          {places.length > 0 && (
            <Filmstrip
              runId={run.id}
              steps={steps}
              isLive={isLive}
              chosen={chosen}
              onChoose={choose}
            />
          )}
        </div>
        <Facts run={run} />
      </div>
    </>
  );
}

/** In place of steps, when there are none. */
function Nothing({ run }: KnownRun) {
  const agents = useAgentNames();
  if (isOver(run)) {
    return (
      <Empty icon={<Route aria-hidden />} title="It took no step">
        {run.error ?? "It ended before it did anything."}
      </Empty>
    );
  }
  return (
    <Empty icon={<Hourglass aria-hidden />} title="It waits to begin">
      It begins as soon as {agents.get(run.agentId) ?? run.agentId} is connected and has a place for
      it.
    </Empty>
  );
}

function Title({ name }: { readonly name: string }) {
  return (
    <span className="flex min-w-0 items-center gap-1" title={name}>
      <Link
        to="/runs"
        aria-label="All runs"
        title="All runs"
        className="-ml-2 rounded-md p-1 text-muted hover:bg-sunken hover:text-ink"
      >
        <ChevronLeft aria-hidden className="size-5" />
      </Link>
      <span className="max-w-[32rem] truncate">{name}</span>
    </span>
  );
}
