// What lies over a terminal: that the connection is away and for how long, that its process ended, that it is gone.

import { ArrowDown, ArrowUp, CircleAlert, Copy, RotateCcw, Unplug } from "lucide-react";
import type { ReactNode } from "react";
import { Age } from "@/ui/Age";
import { Button } from "@/ui/Button";
import type { Ending, Facts } from "./facts";
import type { WorkerTerminal } from "./terminal";

/** What can be done from here. */
type Acts = Pick<WorkerTerminal, "retry" | "focus" | "copy" | "toNewest">;

const PILL =
  "pointer-events-auto flex max-w-full items-center gap-2 rounded-md border border-line bg-raised px-2.5 py-1 text-small text-ink shadow-float";

/** See the top of the file. */
export function Overlay({
  facts,
  terminal,
  agentAwaySince,
  onRestart,
  onOlder,
}: {
  readonly facts: Facts;
  readonly terminal: Acts;
  readonly agentAwaySince: number | undefined;
  readonly onRestart: (() => void) | undefined;
  readonly onOlder: () => void;
}) {
  const { ending, exit, hasSelection, isAtTop, isScrolledUp } = facts;
  return (
    <div className="pointer-events-none absolute inset-0 z-10 flex flex-col items-center justify-between p-2 pr-4">
      <div className="flex max-w-full flex-col items-center gap-2">
        <Connection {...{ facts, terminal, agentAwaySince }} />
        {isAtTop && ending === undefined && (
          <Button size="small" className="pointer-events-auto shadow-float" onClick={onOlder}>
            <ArrowUp aria-hidden className="size-3.5" /> Load older output
          </Button>
        )}
      </div>
      <div className="flex max-w-full flex-col items-center gap-2">
        {hasSelection && (
          <Button
            size="small"
            className="pointer-events-auto hidden shadow-float touch:inline-flex"
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => void terminal.copy()}
          >
            <Copy aria-hidden className="size-3.5" /> Copy
          </Button>
        )}
        {isScrolledUp && (
          <Button
            size="small"
            className="pointer-events-auto shadow-float"
            onClick={() => terminal.toNewest()}
          >
            <ArrowDown aria-hidden className="size-3.5" /> To the newest line
          </Button>
        )}
        {ending === undefined && exit !== undefined && (
          <div role="status" className={PILL}>
            <span className="min-w-0 truncate">{exitWords(exit)}</span>
            {onRestart !== undefined && (
              <Button
                size="small"
                onClick={() => {
                  onRestart();
                  terminal.focus();
                }}
              >
                <RotateCcw aria-hidden className="size-3.5" /> Restart
              </Button>
            )}
          </div>
        )}
      </div>
    </div>
  );
}

function Connection({
  facts: { awaySince, connection, ending, typedInVain, worker },
  terminal,
  agentAwaySince,
}: {
  readonly facts: Facts;
  readonly terminal: Acts;
  readonly agentAwaySince: number | undefined;
}): ReactNode {
  const retry = (
    <Button
      size="small"
      onClick={() => {
        terminal.retry();
        // The button goes away with what it did.
        terminal.focus();
      }}
    >
      {ending === undefined ? "Retry now" : "Try again"}
    </Button>
  );
  const unsent = typedInVain ? " What you type now is not sent." : "";
  if (ending !== undefined) {
    return (
      <div role="alert" className={PILL}>
        <CircleAlert aria-hidden className="size-4 shrink-0 text-bad" />
        <span>{ENDINGS[ending.kind]}</span>
        {ending.kind !== "gone" && retry}
      </div>
    );
  }
  if (awaySince !== undefined) {
    return (
      <div role="status" className={PILL}>
        <Unplug aria-hidden className="size-4 shrink-0 text-warn" />
        <span>
          Reconnecting, <Age since={awaySince} />.{unsent}
        </span>
        {retry}
      </div>
    );
  }
  if (worker === undefined && connection !== "open") {
    return (
      <div
        role="status"
        className={`${PILL} opacity-0 [animation:terminal-appear_200ms_400ms_forwards]`}
      >
        {connection === "waiting" ? "The server does not answer yet." : "Opening the terminal…"}
        {connection === "waiting" && retry}
      </div>
    );
  }
  if (agentAwaySince !== undefined) {
    return (
      <div role="status" className={PILL}>
        <Unplug aria-hidden className="size-4 shrink-0 text-warn" />
        <span>
          The agent is away, <Age since={agentAwaySince} />. The terminal goes on there; what you
          type is not delivered.
        </span>
      </div>
    );
  }
  return null;
}

const ENDINGS: Record<Ending["kind"], string> = {
  gone: "This terminal was removed.",
  refused: "The server no longer lets you in. Sign in again.",
  closed: "The server closed the connection.",
};

function exitWords({ exitCode, signal, reason }: NonNullable<Facts["exit"]>): string {
  const how = signal === null ? `Ended with exit code ${exitCode}.` : `Ended by ${signal}.`;
  return reason === undefined ? how : `${how} ${reason}.`;
}
