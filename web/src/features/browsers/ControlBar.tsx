// Who steers, and what can be done about it: take over, ask, wait, hand over, decline, hand back.

import { Hand, HandMetal, Hourglass, Undo2 } from "lucide-react";
import { useState } from "react";
import { useMay } from "@/api/server";
import { useClock } from "@/ui/Age";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { Confirmation } from "@/ui/Dialog";
import { leftUntil, type Standing } from "./standing";
import { useFacts } from "./useWatching";
import type { Watching } from "./watching";

const ICON = "size-4";

/** See the top of the file. */
export function ControlBar({
  watching,
  standing,
}: {
  readonly watching: Watching;
  readonly standing: Standing;
}) {
  const hasAsked = useFacts(watching, (facts) => facts.hasAsked);
  return (
    <section
      aria-label="Control"
      className={classes(
        "flex min-h-11 shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b px-3 py-1.5",
        standing.kind === "mine" && "bg-accent-soft text-accent-ink",
        standing.kind === "others" && "bg-warn-soft text-warn",
        (standing.kind === "free" || standing.kind === "unknown") && "bg-surface text-muted",
      )}
    >
      {standing.kind === "unknown" && <span>Who steers is not known yet.</span>}
      {standing.kind === "free" && <Free watching={watching} mayAsk={standing.mayAsk} />}
      {standing.kind === "others" && <Others {...{ watching, standing, hasAsked }} />}
      {standing.kind === "mine" && <Mine {...{ watching, standing }} />}
    </section>
  );
}

const ONLY_WATCH = "You may watch, but not steer.";

function Free({ watching, mayAsk }: { readonly watching: Watching; readonly mayAsk: boolean }) {
  return (
    <>
      <span role="status">Nobody steers. {!mayAsk && ONLY_WATCH}</span>
      {mayAsk && (
        <Button
          kind="primary"
          size="small"
          className="ml-auto"
          icon={<Hand aria-hidden className={ICON} />}
          onClick={() => watching.ask()}
        >
          Take control
        </Button>
      )}
    </>
  );
}

function Others({
  watching,
  standing: { name, isAway, mayAsk, waiting },
  hasAsked,
}: {
  readonly watching: Watching;
  readonly standing: Extract<Standing, { kind: "others" }>;
  readonly hasAsked: boolean;
}) {
  const { administer } = useMay();
  const [isTaking, setTaking] = useState(false);
  return (
    <>
      <span role="status">
        <strong className="font-semibold">{name}</strong> steers
        {isAway && ", but is away for a moment"}. {!mayAsk && ONLY_WATCH}
        {hasAsked && `${name} was asked; you wait for the answer.`}
        {!hasAsked &&
          mayAsk &&
          waiting > 0 &&
          `${waiting} ${waiting === 1 ? "asks" : "ask"} for control.`}
      </span>
      <span className="ml-auto flex flex-wrap gap-2">
        {mayAsk && !hasAsked && (
          <Button
            size="small"
            icon={<Hourglass aria-hidden className={ICON} />}
            onClick={() => watching.ask()}
          >
            Ask for control
          </Button>
        )}
        {hasAsked && (
          <Button size="small" onClick={() => watching.release()}>
            Ask no longer
          </Button>
        )}
        {administer && mayAsk && (
          <Button
            size="small"
            icon={<HandMetal aria-hidden className={ICON} />}
            onClick={() => setTaking(true)}
          >
            Take over…
          </Button>
        )}
      </span>
      <Confirmation
        isOpen={isTaking}
        onClose={() => setTaking(false)}
        title={`Take control from ${name}?`}
        action={`Take it from ${name}`}
        onConfirm={() => void watching.client.takeControl()}
      >
        Whatever {name} does from then on is not done any more. They are told that it was you.
      </Confirmation>
    </>
  );
}

function Mine({
  watching,
  standing: { until, endsSoon, waiting },
}: {
  readonly watching: Watching;
  readonly standing: Extract<Standing, { kind: "mine" }>;
}) {
  const { client } = watching;
  return (
    <>
      <span role="status">
        <strong className="font-semibold">You steer.</strong>{" "}
        {endsSoon && "Your control ends soon, since nothing was done for a while."}
      </span>
      {until !== undefined && <Left until={until} />}
      {endsSoon && (
        <Button size="small" kind="primary" onClick={() => client.renewControl()}>
          Keep control
        </Button>
      )}
      <Button
        size="small"
        className="ml-auto"
        icon={<Undo2 aria-hidden className={ICON} />}
        onClick={() => watching.release()}
      >
        Hand back
      </Button>
      {waiting.length > 0 && (
        <ul aria-label="Who asks for control" className="flex w-full flex-col gap-1">
          {waiting.map(({ id, name }) => (
            <li key={id} className="flex flex-wrap items-center gap-2">
              <span>
                <strong className="font-semibold">{name}</strong> asks for control.
              </span>
              <Button size="small" kind="primary" onClick={() => client.grantControl(id)}>
                Hand over to {name}
              </Button>
              <Button size="small" onClick={() => client.declineControl(id)}>
                Decline
              </Button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Left({ until }: { readonly until: number }) {
  const words = useClock((now) => leftUntil(until, now));
  return (
    <span className="tabular text-small" title="When control ends by itself">
      {words} left
    </span>
  );
}
