// "Waits for you": before all agents, what a person has to answer, the longest waiting first.

import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleHelp, CircleX, PlugZap, ShieldQuestion, TriangleAlert, X } from "lucide-react";
import type { rest } from "pilothouse-client";
import { useState } from "react";
import { keys } from "@/api/keys";
import { useMay, useServer } from "@/api/server";
import { each } from "@/features/agents/acts";
import { useCommand } from "@/features/commands/useCommand";
import { AnswerDialog } from "@/features/runs/AnswerDialog";
import { Age } from "@/ui/Age";
import { Count } from "@/ui/Badge";
import { Button, buttonLook, IconButton } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { useMedia } from "@/ui/media";
import { Rows } from "@/ui/Rows";
import { tellFailure } from "@/ui/Toasts";
import { answerOf, itemKey, reasonWords } from "./waiting";

/** Rows in sight; more are scrolled to. */
const MOST_ROWS = 5;
/** How high rows are, with room for one line and for two. */
const ROW_PX = { wide: 37, narrow: 73 } as const;
const WIDE_PX = 640;

function Picture({ reason }: { readonly reason: string }) {
  if (reason === "workerAsks" || reason === "runAsks") {
    return <CircleHelp aria-hidden className="size-4 text-warn" />;
  }
  if (reason === "runWantsApproval") {
    return <ShieldQuestion aria-hidden className="size-4 text-warn" />;
  }
  if (reason === "agentLost") return <PlugZap aria-hidden className="size-4 text-muted" />;
  if (reason === "agentTrouble") return <TriangleAlert aria-hidden className="size-4 text-bad" />;
  return <CircleX aria-hidden className="size-4 text-bad" />;
}

function useDismiss() {
  const { rest } = useServer();
  const cache = useQueryClient();
  return async (items: readonly rest.WaitingItem[]) => {
    await each(items, async ({ subjectType, subjectId }) => {
      try {
        const path = { subjectType, subjectId };
        await rest.call("DELETE /api/v1/attention/{subjectType}/{subjectId}", { path });
      } catch (error) {
        tellFailure("It still waits", error);
      }
    });
    await cache.invalidateQueries({ queryKey: keys.attention });
  };
}

function AnswerLink({ item }: { readonly item: rest.WaitingItem }) {
  const answer = answerOf(item);
  const look = classes(buttonLook("plain", "small"), "w-28 max-sm:w-auto");
  if (answer.is === "terminal") {
    const { sessionId, workerId } = answer;
    return (
      <Link
        to="/sessions/$sessionId"
        params={{ sessionId }}
        search={{ worker: workerId }}
        className={look}
      >
        {item.answer === "type" ? "Answer" : "Open terminal"}
      </Link>
    );
  }
  if (answer.is === "command") {
    const { commandId } = answer;
    return (
      <Link to="/history/commands/$commandId" params={{ commandId }} className={look}>
        Look at it
      </Link>
    );
  }
  if (answer.is === "run") {
    const words = Object.hasOwn(RUN_ANSWERS, item.answer) ? RUN_ANSWERS[item.answer] : undefined;
    if (words !== undefined) return <AnswerRun runId={answer.runId} words={words} />;
    return (
      <Link to="/runs/$runId" params={{ runId: answer.runId }} className={look}>
        Look at it
      </Link>
    );
  }
  return (
    <Link to="/agents/$agentId" params={{ agentId: answer.agentId }} className={look}>
      Look at it
    </Link>
  );
}

/** What is done about a run that waits, on a button. */
const RUN_ANSWERS: Readonly<Record<string, string>> = { reply: "Answer…", decide: "Decide…" };

/** Answers a run right here. */
function AnswerRun({ runId, words }: { readonly runId: string; readonly words: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button size="small" className="w-28 max-sm:w-auto" onClick={() => setOpen(true)}>
        {words}
      </Button>
      {isOpen && <AnswerDialog runId={runId} onClose={() => setOpen(false)} />}
    </>
  );
}

/** Of a command its line, since how it ended says too little of what it was. */
function CommandWords({ item }: { readonly item: rest.WaitingItem }) {
  const { command } = useCommand(item.subjectId);
  return command === undefined ? item.text : `${item.text} · ${command.command}`;
}

function WaitingRow({ item }: { readonly item: rest.WaitingItem }) {
  const dismiss = useDismiss();
  const may = useMay();
  const [isBusy, setBusy] = useState(false);
  return (
    <div className="flex min-h-9 items-center gap-x-3 border-t px-4 py-1 max-sm:flex-wrap">
      <Picture reason={item.reason} />
      <span className="w-60 shrink-0 truncate max-sm:w-0 max-sm:flex-1">
        <Link
          to="/agents/$agentId"
          params={{ agentId: item.agentId }}
          className="font-medium hover:underline"
        >
          {item.agentId}
        </Link>{" "}
        <span className="text-muted">{reasonWords(item)}</span>
      </span>
      <span
        className="min-w-0 flex-1 truncate font-mono text-small max-sm:order-2 max-sm:basis-0"
        title={item.text}
      >
        {item.subjectType === "command" ? <CommandWords item={item} /> : item.text}
      </span>
      <Age
        since={item.since}
        className="tabular w-14 shrink-0 text-right text-small text-muted max-sm:ml-auto max-sm:w-auto"
      />
      <span aria-hidden className="order-1 h-0 basis-full sm:hidden" />
      <span className="max-sm:order-3">
        <AnswerLink item={item} />
      </span>
      {may.act && item.answer === "dismiss" ? (
        <IconButton
          label={`Dismiss: ${item.agentId} ${reasonWords(item)}`}
          size="small"
          className="max-sm:order-4"
          isBusy={isBusy}
          onClick={async () => {
            setBusy(true);
            await dismiss([item]);
            setBusy(false);
          }}
        >
          <X aria-hidden className="size-4" />
        </IconButton>
      ) : (
        <span className="w-7 max-sm:hidden" />
      )}
    </div>
  );
}

/** The section; nothing at all while nothing waits. */
export function WaitingList({ items }: { readonly items: readonly rest.WaitingItem[] }) {
  const dismiss = useDismiss();
  const may = useMay();
  const [isBusy, setBusy] = useState(false);
  const rowHeight = useMedia(`(min-width: ${WIDE_PX}px)`) ? ROW_PX.wide : ROW_PX.narrow;
  if (items.length === 0) return null;
  const seen = items.filter(({ answer }) => answer === "dismiss");
  return (
    <section
      aria-labelledby="waiting"
      className="flex max-h-[45%] shrink-0 max-sm:max-h-[38%] flex-col border-b bg-surface"
    >
      <div className="flex h-9 shrink-0 items-center gap-2 px-4">
        <h2 id="waiting" className="font-semibold">
          Waits for you
        </h2>
        <Count count={items.length} tone="warn" />
        {may.act && seen.length > 1 && (
          <Button
            size="small"
            kind="quiet"
            className="ml-auto"
            isBusy={isBusy}
            onClick={async () => {
              setBusy(true);
              await dismiss(seen);
              setBusy(false);
            }}
          >
            Dismiss all that need no answer ({seen.length})
          </Button>
        )}
      </div>
      <div
        className="flex min-h-0 flex-col"
        style={{ height: Math.min(items.length, MOST_ROWS + 0.5) * rowHeight }}
      >
        <Rows items={items} keyOf={itemKey} rowHeight={rowHeight} label="Waits for you">
          {(item) => <WaitingRow item={item} />}
        </Rows>
      </div>
    </section>
  );
}
