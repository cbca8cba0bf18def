// Gives a session another title, and renames the branch of one that is in a worktree.

import type { sessionsAndWorkers } from "pilothouse-client";
import { type FormEvent, useId, useState } from "react";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { TextField } from "@/ui/Field";
import { useChangeSession } from "./acts";

/** The dialog, for as long as a session is given. */
export function RenameSession({
  session,
  onClose,
}: {
  readonly session: sessionsAndWorkers.Session | undefined;
  readonly onClose: () => void;
}) {
  if (session === undefined) return null;
  return <Form key={session.id} session={session} onClose={onClose} />;
}

function Form({
  session,
  onClose,
}: {
  readonly session: sessionsAndWorkers.Session;
  readonly onClose: () => void;
}) {
  const known = session.type === "worktree" ? session.worktreeId : "";
  const [title, setTitle] = useState(session.title ?? "");
  const [branch, setBranch] = useState(known);
  const change = useChangeSession();
  const id = useId();
  const isChanged = title.trim() !== (session.title ?? "") || branch.trim() !== known;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = {
      ...(title.trim() === (session.title ?? "") ? {} : { title: title.trim() }),
      ...(branch.trim() === known ? {} : { branch: branch.trim() }),
    };
    change.mutate({ session: session.id, ...wanted }, { onSuccess: onClose });
  };
  const problem = change.error?.message;
  const isOfBranch = problem !== undefined && /branch/i.test(problem);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Rename session"
      width="narrow"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="primary"
            type="submit"
            form={id}
            isBusy={change.isPending}
            disabled={!isChanged}
          >
            Save
          </Button>
        </>
      }
    >
      <form id={id} onSubmit={submit} className="flex flex-col gap-3 pb-2">
        <TextField
          label="Title"
          hint="Without one, it is called by its folder."
          value={title}
          onChange={(event) => setTitle(event.target.value)}
          problem={isOfBranch ? undefined : problem}
        />
        {session.type === "worktree" && (
          <TextField
            label="Branch"
            hint="Renames the branch in its worktree. What runs there goes on."
            value={branch}
            onChange={(event) => setBranch(event.target.value)}
            problem={isOfBranch ? problem : undefined}
            className="font-mono"
          />
        )}
      </form>
    </Dialog>
  );
}
