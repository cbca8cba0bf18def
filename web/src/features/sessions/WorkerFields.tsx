// What a worker is to be: a terminal, or a command line agent of a type with what it is asked to do.

import type { rest } from "pilothouse-client";
import { useAgentTypes } from "@/api/repositories";
import { classes } from "@/ui/classes";
import { TextArea } from "@/ui/Field";

/** A worker that somebody is about to add. `none` is no worker at all. */
export interface WorkerDraft {
  /** `terminal`, `none`, or the id of an agent type behind `agent:`. */
  readonly kind: "terminal" | "none" | `agent:${string}`;
  readonly prompt: string;
  /** Whether an agent goes on with its last conversation in that folder. */
  readonly continues: boolean;
}

/** What a draft begins as. */
export const FIRST_DRAFT: WorkerDraft = { kind: "terminal", prompt: "", continues: false };

/** The agent type of a draft, if it is an agent. */
export const agentTypeOf = ({ kind }: WorkerDraft): string | undefined =>
  kind.startsWith("agent:") ? kind.slice("agent:".length) : undefined;

/** What the server is to be told of a draft; nothing if there is to be no worker. */
export function workerBody(draft: WorkerDraft): rest.WorkerBody | undefined {
  const agentType = agentTypeOf(draft);
  if (draft.kind === "none") return undefined;
  if (agentType === undefined) return { type: "terminal" };
  const prompt = draft.prompt.trim();
  return {
    type: "agent",
    agentType,
    ...(draft.continues ? { continueConversation: true } : {}),
    ...(prompt === "" || draft.continues ? {} : { initialPrompt: prompt }),
  };
}

/** The fields of a draft. */
export function WorkerFields({
  draft,
  onChange,
  allowsNone = false,
  problem,
}: {
  readonly draft: WorkerDraft;
  readonly onChange: (draft: WorkerDraft) => void;
  readonly allowsNone?: boolean;
  /** What was wrong with the prompt or the type. */
  readonly problem?: string | undefined;
}) {
  const types = useAgentTypes();
  const chosen = types.data?.find(({ id }) => id === agentTypeOf(draft));
  const choose = (kind: WorkerDraft["kind"]) => onChange({ ...draft, kind, continues: false });
  return (
    <div className="flex flex-col gap-3">
      <fieldset>
        <legend className="mb-1 text-small font-medium text-muted">Begin with</legend>
        <div className="flex max-h-28 flex-wrap gap-1.5 overflow-auto p-0.5">
          <Choice kind="terminal" words="Terminal" {...{ draft, choose }} />
          {types.data?.map(({ id, name, description }) => (
            <Choice
              key={id}
              kind={`agent:${id}`}
              words={name}
              title={description ?? undefined}
              {...{ draft, choose }}
            />
          ))}
          {allowsNone && <Choice kind="none" words="Nothing yet" {...{ draft, choose }} />}
        </div>
        {types.isError && (
          <p className="mt-1 text-small text-bad">
            The agent types could not be loaded: {types.error.message}
          </p>
        )}
        {chosen !== undefined && (
          <p className="mt-1.5 truncate text-small text-faint">
            Runs{" "}
            <span className="font-mono">
              {draft.continues ? chosen.continueTemplate : chosen.commandTemplate}
            </span>
          </p>
        )}
      </fieldset>
      {chosen?.capabilities.supportsContinue && (
        <label className="flex items-center gap-2">
          <input
            type="checkbox"
            checked={draft.continues}
            onChange={(event) => onChange({ ...draft, continues: event.target.checked })}
            className="accent-accent"
          />
          Go on with its last conversation in this folder
        </label>
      )}
      {chosen !== undefined && !draft.continues && (
        <TextArea
          label="Prompt (optional)"
          hint="What it is asked to do first."
          value={draft.prompt}
          onChange={(event) => onChange({ ...draft, prompt: event.target.value })}
          problem={problem}
        />
      )}
    </div>
  );
}

function Choice({
  kind,
  words,
  title,
  draft,
  choose,
}: {
  readonly kind: WorkerDraft["kind"];
  readonly words: string;
  readonly title?: string | undefined;
  readonly draft: WorkerDraft;
  readonly choose: (kind: WorkerDraft["kind"]) => void;
}) {
  const isChosen = draft.kind === kind;
  return (
    <label
      title={title}
      className={classes(
        "flex h-8 cursor-pointer items-center gap-2 rounded-md border px-2.5 has-focus-visible:outline-2 has-focus-visible:outline-accent touch:h-10",
        isChosen
          ? "border-accent bg-accent-soft font-medium text-accent-ink"
          : "border-line-strong/60",
      )}
    >
      <input
        type="radio"
        name="worker"
        checked={isChosen}
        onChange={() => choose(kind)}
        className="accent-accent"
      />
      {words}
    </label>
  );
}
