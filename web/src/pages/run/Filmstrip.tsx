// The steps of a run as small pictures in a row, and at their end what is to be seen now.

import { Radio } from "lucide-react";
import type { RunStep } from "pilothouse-client";
import { useEffect, useRef } from "react";
import { actionWords } from "@/features/runs/actions";
import { StepPicture } from "@/features/runs/StepPicture";
import { classes } from "@/ui/classes";
import { isWriting } from "@/ui/writing";
import { type Place, placeAfter, placesOf } from "./chosen";

/** See the top of the file. Arrow keys lead from one to the next, wherever on the page. */
export function Filmstrip({
  runId,
  steps,
  isLive,
  chosen,
  onChoose,
}: {
  readonly runId: string;
  readonly steps: readonly RunStep[];
  readonly isLive: boolean;
  readonly chosen: Place | undefined;
  readonly onChoose: (place: Place) => void;
}) {
  const list = useRef<HTMLOListElement>(null);
  const keyed = useRef<(key: string) => boolean>(() => false);
  keyed.current = (key) => {
    const next = placeAfter(key, placesOf(steps, isLive), chosen);
    if (next === undefined) return false;
    onChoose(next);
    return true;
  };
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      if (event.defaultPrevented || belongsElsewhere(event.target)) return;
      if (keyed.current(event.key)) event.preventDefault();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
  useEffect(() => {
    const place = list.current;
    const shown = place?.querySelector<HTMLElement>(`[data-place="${chosen}"]`);
    if (place === null || shown === null || shown === undefined) return;
    // The strip alone is scrolled: on phones, what is around it scrolls as well.
    place.scrollLeft = shown.offsetLeft - (place.clientWidth - shown.offsetWidth) / 2;
    if (place.contains(document.activeElement)) shown.focus({ preventScroll: true });
  }, [chosen]);
  const look = (place: Place) =>
    classes(
      "flex h-24 w-32 shrink-0 flex-col overflow-hidden rounded-md border text-left max-sm:h-20 max-sm:w-28",
      place === chosen ? "border-accent ring-2 ring-accent" : "hover:border-line-strong",
    );
  const common = (place: Place) => ({
    type: "button" as const,
    "data-place": place,
    "aria-current": place === chosen ? ("true" as const) : undefined,
    tabIndex: place === chosen ? 0 : -1,
    onClick: () => onChoose(place),
    className: look(place),
  });
  return (
    <ol
      ref={list}
      aria-label="Steps"
      className="relative flex shrink-0 gap-2 overflow-x-auto border-t bg-surface p-2"
    >
      {steps.map((step) => {
        const words = actionWords(step.action);
        return (
          <li key={step.number}>
            <button {...common(step.number)} title={words}>
              <StepPicture runId={runId} step={step} label="" className="min-h-0 flex-1" />
              <span className="flex items-baseline gap-1 truncate px-1.5 py-0.5 text-tiny">
                <span className="tabular font-medium">{step.number}</span>
                <span className="truncate text-muted">{words}</span>
              </span>
            </button>
          </li>
        );
      })}
      {isLive && (
        <li>
          <button {...common("now")}>
            <span className="flex min-h-0 flex-1 items-center justify-center bg-sunken">
              <Radio aria-hidden className="size-5 text-accent-ink" />
            </span>
            <span className="px-1.5 py-0.5 text-tiny font-medium">Now</span>
          </button>
        </li>
      )}
    </ol>
  );
}

/** Where arrows do something else. */
function belongsElsewhere(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (isWriting(target)) return true;
  return (
    target.closest("[role=dialog], [role=alertdialog], [role=menu], [role=radiogroup]") !== null
  );
}
