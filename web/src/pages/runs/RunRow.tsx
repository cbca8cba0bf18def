// One run of the list: one line on wide screens, two on phones.

import { Link } from "@tanstack/react-router";
import type { Run } from "pilothouse-client";
import { useRunNow } from "@/api/runs";
import { RunState } from "@/features/runs/RunState";
import { runName } from "@/features/runs/standing";
import { Age } from "@/ui/Age";
import { exactSpan, moment } from "@/ui/ages";
import { classes } from "@/ui/classes";
import { Moment } from "@/ui/Moment";

/** The columns, also of the heading. */
export const COLUMNS =
  "lg:grid lg:grid-cols-[9.5rem_minmax(0,1fr)_8rem_4.5rem_7rem_5.5rem_6.5rem] lg:items-center gap-x-3 px-4";

/** A row that leads to the run. */
export function RunRow({ run: told, agent }: { readonly run: Run; readonly agent: string }) {
  const run = useRunNow(told);
  const name = runName(run);
  const aside = run.waiting?.text ?? run.error ?? run.answer ?? run.stage;
  return (
    <div
      className={classes(
        COLUMNS,
        "relative border-b hover:bg-sunken max-lg:flex max-lg:flex-wrap max-lg:gap-x-2 max-lg:py-2 max-lg:text-small lg:h-9 dark:hover:bg-raised",
      )}
    >
      <RunState run={run} />
      <span className="flex min-w-0 items-baseline gap-3 max-lg:-order-1 max-lg:w-full">
        <Link
          to="/runs/$runId"
          params={{ runId: run.id }}
          title={run.task ?? name}
          className="min-w-24 shrink truncate font-medium -outline-offset-2 after:absolute after:inset-0"
        >
          {name}
        </Link>
        {typeof aside === "string" && aside !== "" && (
          <span
            className={classes(
              "min-w-16 flex-1 truncate text-small",
              run.status === "FAILED" ? "text-bad" : "text-muted",
            )}
            title={aside}
          >
            {aside}
          </span>
        )}
      </span>
      <Link
        to="/agents/$agentId"
        params={{ agentId: run.agentId }}
        className="relative z-10 w-fit max-w-full truncate text-muted hover:text-ink hover:underline max-lg:order-2 max-lg:max-w-28"
      >
        {agent}
      </Link>
      <span className="tabular text-muted max-lg:order-1">
        {run.stepCount} <span className="lg:hidden">{run.stepCount === 1 ? "step" : "steps"}</span>
      </span>
      <span className="truncate text-muted max-lg:order-3 max-lg:max-w-20">{run.requestedBy}</span>
      <span className="max-lg:hidden">
        <Duration run={run} />
      </span>
      <Moment
        at={run.requestedAt}
        className="tabular text-small whitespace-nowrap text-muted max-lg:order-4 max-lg:ml-auto"
      />
    </div>
  );
}

function Duration({ run: { startedAt, endedAt } }: { readonly run: Run }) {
  if (typeof startedAt !== "string") return <span className="text-muted">–</span>;
  if (typeof endedAt !== "string") {
    return <Age since={startedAt} className="tabular text-accent-ink" />;
  }
  return (
    <span className="tabular text-muted">{exactSpan(moment(endedAt) - moment(startedAt))}</span>
  );
}
