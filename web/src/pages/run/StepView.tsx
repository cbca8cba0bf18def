// One step of a run, large: how the page looked, what was done, and why.

import type { RunStep } from "pilothouse-client";
import { actionWords } from "@/features/runs/actions";
import { StepPicture } from "@/features/runs/StepPicture";
import { Moment } from "@/ui/Moment";

/** See the top of the file. */
export function StepView({ runId, step }: { readonly runId: string; readonly step: RunStep }) {
  const { number, action, explanation, at } = step;
  const words = actionWords(action);
  return (
    <section aria-label={`Step ${number}`} className="flex min-h-0 flex-1 flex-col">
      <StepPicture
        key={number}
        runId={runId}
        step={step}
        label={`The page after step ${number}: ${words}`}
        className="min-h-64 flex-1"
      />
      <div className="flex max-h-[35%] shrink-0 flex-col gap-1 overflow-auto border-t bg-surface px-4 py-2">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className="tabular text-muted">Step {number}</span>
          <strong className="font-semibold break-words">{words}</strong>
          <span className="ml-auto text-small text-muted">
            <Moment at={at} />
          </span>
        </p>
        {explanation !== "" && explanation !== words && (
          <p className="break-words whitespace-pre-wrap text-muted">{explanation}</p>
        )}
        <details className="text-small">
          <summary className="cursor-pointer text-muted">The action as it was done</summary>
          <pre className="overflow-auto py-1 font-mono text-small whitespace-pre-wrap">
            {JSON.stringify(action, null, 2)}
          </pre>
        </details>
      </div>
    </section>
  );
}
