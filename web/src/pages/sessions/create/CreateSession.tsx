// The dialog in which a session is made: where, and what it begins with.

import { useQueryClient } from "@tanstack/react-query";
import type { rest } from "pilothouse-client";
import { type FormEvent, useId, useState } from "react";
import { keys } from "@/api/keys";
import { useRepositories } from "@/api/repositories";
import { WorkerFields } from "@/features/sessions/WorkerFields";
import { useMachines } from "@/live/machines";
import { useClock } from "@/ui/Age";
import { span } from "@/ui/ages";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { Dialog } from "@/ui/Dialog";
import { SelectField, TextField } from "@/ui/Field";
import { fieldOf, firstDraft, type Problems, problemsOf, type SessionDraft } from "./draft";
import { FolderField } from "./FolderField";
import { useMakeSession } from "./makeSession";
import { WorktreeFields } from "./WorktreeFields";

/** The dialog. */
export function CreateSession({
  agentId,
  onClose,
  onMade,
}: {
  /** The agent that it begins with, if the address names one. */
  readonly agentId: string | undefined;
  readonly onClose: () => void;
  readonly onMade: (session: rest.Session) => void;
}) {
  const machines = useMachines();
  const repositories = useRepositories();
  const cache = useQueryClient();
  const [draft, setDraft] = useState<SessionDraft>(() => firstDraft(agentId ?? ""));
  const [problems, setProblems] = useState<Problems>({});
  const making = useMakeSession(onMade);
  const id = useId();
  // Who has one agent never has to choose it.
  const machine = draft.agentId || machines.find(({ isThere }) => isThere)?.id || "";
  const whole = { ...draft, agentId: machine };
  const change = (next: Partial<SessionDraft>) => {
    setDraft({ ...draft, ...next });
    setProblems(without(problems, Object.keys(next)));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = problemsOf(whole);
    setProblems(found);
    if (Object.keys(found).length > 0) return;
    const known = cache.getQueryData<readonly rest.WorktreeShape[]>(
      keys.worktrees(draft.repositoryId),
    );
    making.mutate(
      { draft: whole, worktrees: known ?? [] },
      { onError: ({ message }) => setProblems({ [fieldOf(message, whole)]: message }) },
    );
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="New session"
      description="A session is a folder on an agent's machine, with terminals and command line agents in it."
      footer={
        <>
          {making.isPending && <Progress since={making.submittedAt} draft={whole} />}
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form={id} isBusy={making.isPending}>
            Make session
          </Button>
        </>
      }
    >
      <form id={id} onSubmit={submit} className="flex flex-col gap-4 pb-2" noValidate>
        <PlaceChoice place={draft.place} onChoose={(place) => change({ place })} />
        {(machines.length > 1 || problems.agentId !== undefined) && (
          <SelectField
            label="Agent"
            hint="On whose machine it is."
            value={machine}
            onChange={(event) =>
              change({ agentId: event.target.value, repositoryId: "", worktree: "" })
            }
            options={machines.map((one) => ({
              value: one.id,
              label: one.isThere ? one.name : `${one.name} (away)`,
            }))}
            problem={problems.agentId}
          />
        )}
        {draft.place === "folder" ? (
          <FolderField
            agentId={machine}
            label="Folder"
            value={draft.folder}
            onChange={(folder) => change({ folder })}
            problem={problems.folder}
          />
        ) : (
          <WorktreeFields
            draft={whole}
            repositories={repositories}
            onChange={change}
            problems={problems}
          />
        )}
        <TextField
          label="Title (optional)"
          value={draft.title}
          onChange={(event) => change({ title: event.target.value })}
          problem={problems.title}
        />
        <WorkerFields
          draft={draft.worker}
          onChange={(worker) => change({ worker })}
          allowsNone
          problem={problems.worker}
        />
        {problems.form !== undefined && (
          <p role="alert" className="text-bad">
            {problems.form}
          </p>
        )}
      </form>
    </Dialog>
  );
}

/** What is changed is no longer known to be wrong. */
function without(problems: Problems, fields: readonly string[]): Problems {
  const kept = Object.entries(problems).filter(
    ([field]) => !fields.includes(field) && field !== "form",
  );
  return Object.fromEntries(kept);
}

const PLACES: readonly { readonly place: SessionDraft["place"]; readonly words: string }[] = [
  { place: "folder", words: "In a folder" },
  { place: "worktree", words: "In a git worktree" },
];

function PlaceChoice({
  place,
  onChoose,
}: {
  readonly place: SessionDraft["place"];
  readonly onChoose: (place: SessionDraft["place"]) => void;
}) {
  return (
    <fieldset className="grid grid-cols-2 gap-1 rounded-md bg-sunken p-1">
      <legend className="sr-only">Where</legend>
      {PLACES.map(({ place: one, words }) => (
        <label
          key={one}
          className={classes(
            "flex h-7 cursor-pointer items-center justify-center rounded-sm font-medium has-focus-visible:outline-2 has-focus-visible:outline-accent touch:h-9",
            one === place ? "bg-surface text-ink shadow-sm dark:bg-raised" : "text-muted",
          )}
        >
          <input
            type="radio"
            name="place"
            className="sr-only"
            checked={one === place}
            onChange={() => onChoose(one)}
          />
          {words}
        </label>
      ))}
    </fieldset>
  );
}

/** Shorter waits need no words. */
const QUIET_MS = 1000;

function Progress({ since, draft }: { readonly since: number; readonly draft: SessionDraft }) {
  const words = useClock((now) => {
    const waited = now - since;
    if (waited < QUIET_MS) return "";
    const isGit = draft.place === "worktree" && draft.mode !== "open";
    return isGit ? `git is writing the files, ${span(waited)}` : `Waiting, ${span(waited)}`;
  });
  return (
    <p role="status" className="tabular mr-auto self-center text-muted">
      {words}
    </p>
  );
}
