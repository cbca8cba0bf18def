// The dialog in which a run is made: a task in words or a script, who does it where, and what needs approval.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Run, RunWish } from "pilothouse-client";
import { type FormEvent, useId, useMemo, useState } from "react";
import { keys } from "@/api/keys";
import { useRuns } from "@/api/runs";
import { sessionName } from "@/features/sessions/standing";
import { useFleet } from "@/live/fleet";
import { useSessions } from "@/live/sessions";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { SelectField, TextArea, TextField } from "@/ui/Field";
import { Segments } from "@/ui/Segments";
import { SwitchRow } from "@/ui/Switch";
import { sentence } from "@/ui/sentence";
import { firstDraft, type Problems, type RunDraft, wishOf } from "./draft";

/** The dialog. */
export function CreateRun({
  agentId,
  onClose,
  onMade,
}: {
  /** The agent that it begins with, if the address names one. */
  readonly agentId: string | undefined;
  readonly onClose: () => void;
  readonly onMade: (run: Run) => void;
}) {
  const runs = useRuns();
  const cache = useQueryClient();
  const form = useId();
  const [draft, setDraft] = useState<RunDraft>(() => firstDraft(agentId));
  const [problems, setProblems] = useState<Problems>({});
  const making = useMutation({
    mutationFn: (wish: RunWish) => runs.create(wish),
    onSuccess: (run) => {
      void cache.invalidateQueries({ queryKey: keys.runs });
      onMade(run);
    },
    onError: (error) => setProblems({ form: sentence(error) }),
  });
  const change = (next: Partial<RunDraft>) => {
    setDraft({ ...draft, ...next });
    // What is changed is no longer known to be wrong.
    const kept = Object.entries(problems).filter(([field]) => field !== "form" && !(field in next));
    setProblems(Object.fromEntries(kept));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const read = wishOf(draft);
    if ("problems" in read) return setProblems(read.problems);
    setProblems({});
    making.mutate(read.wish);
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="New run"
      description="An agent does it in a browser, step by step. It goes on when you close this page."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form={form} isBusy={making.isPending}>
            Start the run
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="flex flex-col gap-4 pb-2" noValidate>
        <Segments
          label="What it does"
          value={draft.kind}
          options={[
            { value: "task", label: "A task in words" },
            { value: "script", label: "A script" },
          ]}
          onChange={(kind) => change({ kind })}
        />
        {draft.kind === "task" ? (
          <TextArea
            label="Task"
            rows={4}
            placeholder="Find the cheapest teapot at shop.example.com, and say what it costs."
            value={draft.task}
            problem={problems.task}
            onChange={({ target }) => change({ task: target.value })}
          />
        ) : (
          <ScriptField
            value={draft.script}
            problem={problems.script}
            onChange={(script) => change({ script })}
          />
        )}
        <Where draft={draft} change={change} />
        <Approvals draft={draft} change={change} problems={problems} />
        <div className="grid grid-cols-2 gap-3">
          <TextField
            label="Most steps"
            inputMode="numeric"
            placeholder="As configured"
            value={draft.maxSteps}
            problem={problems.maxSteps}
            onChange={({ target }) => change({ maxSteps: target.value })}
          />
          <TextField
            label="Most minutes"
            inputMode="numeric"
            placeholder="As configured"
            value={draft.minutes}
            problem={problems.minutes}
            onChange={({ target }) => change({ minutes: target.value })}
          />
        </div>
        {problems.form !== undefined && (
          <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-bad">
            {problems.form}
          </p>
        )}
      </form>
    </Dialog>
  );
}

const EXAMPLE = `[
  {"type": "navigate", "url": "https://shop.example.com"},
  {"type": "click", "role": "link", "name": "Teapots"},
  {"type": "extract", "what": "the names and prices"}
]`;

function ScriptField({
  value,
  problem,
  onChange,
}: {
  readonly value: string;
  readonly problem: string | undefined;
  readonly onChange: (script: string) => void;
}) {
  return (
    <div className="flex flex-col gap-1 [&_textarea]:font-mono [&_textarea]:text-small">
      <TextArea
        label="Script"
        rows={8}
        spellCheck={false}
        autoCapitalize="off"
        autoCorrect="off"
        placeholder={EXAMPLE}
        value={value}
        hint="JSON: actions in order, each with its type. What a run did can be exported as one."
        onChange={({ target }) => onChange(target.value)}
      />
      {problem !== undefined && (
        <ul role="alert" className="text-small text-bad">
          {problem.split("\n").map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

type Change = (next: Partial<RunDraft>) => void;

function Where({ draft, change }: { readonly draft: RunDraft; readonly change: Change }) {
  const fleet = useFleet().data;
  const sessions = useSessions().data;
  const agents = useMemo(
    () =>
      [...(fleet?.values() ?? [])]
        .map(({ agent }) => agent)
        .filter(
          ({ capabilities, agentId }) =>
            capabilities.includes("browser") || agentId === draft.agentId,
        )
        .sort((one, other) => one.name.localeCompare(other.name)),
    [fleet, draft.agentId],
  );
  const open = [...(sessions?.values() ?? [])].filter(
    ({ status, agent }) =>
      status === "active" &&
      (draft.agentId === ""
        ? agents.some(({ agentId }) => agentId === agent)
        : agent === draft.agentId),
  );
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <SelectField
        label="Agent"
        value={draft.agentId}
        onChange={({ target }) => change({ agentId: target.value, sessionId: "" })}
        options={[
          { value: "", label: "Whichever has the fewest runs" },
          ...agents.map(({ agentId, name, status }) => ({
            value: agentId,
            label: status === "offline" ? `${name} (away)` : name,
          })),
        ]}
        {...(fleet !== undefined && agents.length === 0
          ? { hint: "No agent here has a browser. One needs Chromium on its machine." }
          : {})}
      />
      <SelectField
        label="Browser"
        value={draft.sessionId}
        onChange={({ target }) => {
          const session = sessions?.get(target.value);
          change({
            sessionId: target.value,
            ...(session !== undefined && { agentId: session.agent }),
          });
        }}
        options={[
          { value: "", label: "One of its own" },
          ...open.map((session) => ({
            value: session.id,
            label: `That of ${sessionName(session)}, on ${session.agent}`,
          })),
        ]}
      />
    </div>
  );
}

function Approvals({
  draft,
  change,
  problems,
}: {
  readonly draft: RunDraft;
  readonly change: Change;
  readonly problems: Problems;
}) {
  return (
    <div className="flex flex-col">
      <SwitchRow
        label="Ask before it changes anything"
        hint="Whatever sends something, and every page on another host, waits until somebody approves it."
        isOn={draft.approval}
        onChange={(approval) => change({ approval })}
      />
      {draft.approval && (
        <TextField
          label="Hosts that need no approval"
          placeholder="shop.example.com, *.example.org"
          autoCapitalize="off"
          autoCorrect="off"
          spellCheck={false}
          value={draft.hosts}
          problem={problems.hosts}
          hint="Their pages are opened without asking."
          onChange={({ target }) => change({ hosts: target.value })}
        />
      )}
    </div>
  );
}
