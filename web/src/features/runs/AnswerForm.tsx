// What a run waits for, and the way to answer it: words for a question, yes or no for what needs approval.

import { Check, Send, X } from "lucide-react";
import type { Run, RunWait } from "pilothouse-client";
import { type FormEvent, useState } from "react";
import { useRunActs } from "@/api/runs";
import { useMay, useServer } from "@/api/server";
import { useClock } from "@/ui/Age";
import { moment } from "@/ui/ages";
import { Button } from "@/ui/Button";
import { Checkbox } from "@/ui/Checkbox";
import { TextArea, TextField } from "@/ui/Field";
import { sentence } from "@/ui/sentence";
import { clockOf } from "@/ui/spans";
import { useAttempt } from "@/ui/useAttempt";
import { mayManage } from "./standing";

interface Asked {
  readonly run: Run;
  readonly wait: RunWait;
  /** It was answered, and the server agreed. */
  readonly onAnswered?: (() => void) | undefined;
}

/** See the top of the file. */
export function AnswerForm({ run, wait, onAnswered }: Asked) {
  const asked = { run, wait, onAnswered };
  return (
    <div className="flex flex-col gap-2">
      <p className="break-words whitespace-pre-wrap">
        <span className="sr-only">
          {wait.kind === "question" ? "The run asks: " : "The run wants approval: "}
        </span>
        <span className="font-medium">{wait.text}</span>
      </p>
      {/* Nothing that was filled in for one wait is said to another. */}
      {wait.kind === "question" ? (
        <Question key={wait.id} {...asked} />
      ) : (
        <Approval key={wait.id} {...asked} />
      )}
    </div>
  );
}

function Question({ run, wait, onAnswered }: Asked) {
  const { user } = useServer();
  const may = useMay();
  const acts = useRunActs(run.id);
  const [text, setText] = useState("");
  const { isBusy, problem, attempt } = useAttempt(sentence);
  if (!mayManage(run, user, may)) {
    return (
      <p className="text-muted">
        {run.requestedBy}, who made the run, or an administrator can answer. <Until wait={wait} />
      </p>
    );
  }
  const send = (event?: FormEvent) => {
    event?.preventDefault();
    if (text.trim() === "" || isBusy) return;
    void attempt(async () => {
      await acts.reply(wait.id, text.trim());
      onAnswered?.();
    });
  };
  return (
    <form onSubmit={send} className="flex flex-col gap-2">
      <TextArea
        label="Your answer"
        rows={2}
        value={text}
        problem={problem}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
        }}
      />
      <div className="flex flex-wrap items-center gap-2">
        <Until wait={wait} />
        <Button
          type="submit"
          kind="primary"
          className="ml-auto"
          isBusy={isBusy}
          disabled={text.trim() === ""}
          icon={<Send aria-hidden className="size-4" />}
        >
          Answer
        </Button>
      </div>
    </form>
  );
}

function Approval({ run, wait, onAnswered }: Asked) {
  const may = useMay();
  const acts = useRunActs(run.id);
  const [reason, setReason] = useState("");
  const [isAlways, setAlways] = useState(false);
  const { isBusy, problem, attempt } = useAttempt(sentence);
  const decide = (granted: boolean) =>
    attempt(async () => {
      await acts.decide({
        waitId: wait.id,
        granted,
        ...(reason.trim() === "" ? {} : { reason: reason.trim() }),
        ...(isAlways ? { always: true } : {}),
      });
      onAnswered?.();
    });
  const host = hostOf(wait.url);
  return (
    <div className="flex flex-col gap-2">
      {!isSaid(wait) && (
        <p className="font-mono text-small break-all text-muted">
          {wait.method} {wait.url}
        </p>
      )}
      {!may.act && (
        <p className="text-muted">
          An operator or an administrator decides. <Until wait={wait} />
        </p>
      )}
      {may.act && (
        <>
          <TextField
            label="Reason (optional)"
            value={reason}
            maxLength={500}
            problem={problem}
            onChange={({ target }) => setReason(target.value)}
          />
          {host !== undefined && (
            <div className="flex items-center gap-2">
              <Checkbox
                label={`The same for ${host} in the rest of this run`}
                isChecked={isAlways}
                onChange={setAlways}
              />
              <span aria-hidden>The same for {host} in the rest of this run</span>
            </div>
          )}
          <div className="flex flex-wrap items-center gap-2">
            <Until wait={wait} />
            <Button
              className="ml-auto"
              isBusy={isBusy}
              icon={<X aria-hidden className="size-4" />}
              onClick={() => void decide(false)}
            >
              Deny
            </Button>
            <Button
              kind="primary"
              isBusy={isBusy}
              icon={<Check aria-hidden className="size-4" />}
              onClick={() => void decide(true)}
            >
              Approve
            </Button>
          </div>
        </>
      )}
    </div>
  );
}

/** Whether its words say already what is sent where, as an agent's usually do. */
const isSaid = ({ text, method, url }: RunWait): boolean =>
  typeof url !== "string" || text.includes(`${method ?? ""} ${url}`);

function hostOf(url: string | null | undefined): string | undefined {
  if (typeof url !== "string" || !URL.canParse(url)) return undefined;
  return new URL(url).host || undefined;
}

/** When the run gives up, where it does. */
function Until({ wait: { until } }: { readonly wait: RunWait }) {
  const end = typeof until === "string" ? moment(until) : undefined;
  const words = useClock((now) =>
    end === undefined || Number.isNaN(end) ? "" : clockOf(Math.max(0, end - now)),
  );
  if (words === "") return null;
  return (
    <span className="tabular text-small" title="Until then somebody has to answer">
      {words} left
    </span>
  );
}
