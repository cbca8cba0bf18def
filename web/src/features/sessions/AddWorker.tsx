// Adds a worker to a session: a dialog in which its kind and its prompt are chosen.

import type { sessionsAndWorkers } from "pilothouse-client";
import { type FormEvent, useId, useState } from "react";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { TextField } from "@/ui/Field";
import { useAddWorker } from "./acts";
import { sessionName } from "./standing";
import { FIRST_DRAFT, type WorkerDraft, WorkerFields, workerBody } from "./WorkerFields";

/** The dialog, for as long as a session is given. */
export function AddWorker({
  session,
  first,
  onClose,
  onAdded,
}: {
  readonly session: sessionsAndWorkers.Session | undefined;
  /** The kind that is chosen to begin with. */
  readonly first?: WorkerDraft["kind"] | undefined;
  readonly onClose: () => void;
  readonly onAdded: (worker: { readonly id: string }) => void;
}) {
  if (session === undefined) return null;
  return <Form key={session.id} {...{ session, first, onClose, onAdded }} />;
}

function Form({
  session,
  first,
  onClose,
  onAdded,
}: {
  readonly session: sessionsAndWorkers.Session;
  readonly first: WorkerDraft["kind"] | undefined;
  readonly onClose: () => void;
  readonly onAdded: (worker: { readonly id: string }) => void;
}) {
  const [draft, setDraft] = useState<WorkerDraft>({ ...FIRST_DRAFT, kind: first ?? "terminal" });
  const [name, setName] = useState("");
  const adding = useAddWorker();
  const id = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = workerBody(draft);
    if (body === undefined) return;
    const named = name.trim() === "" ? {} : { name: name.trim() };
    adding.mutate(
      { session: session.id, ...body, ...named },
      {
        onSuccess: (worker) => {
          onClose();
          onAdded(worker);
        },
      },
    );
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="New worker"
      description={`In ${sessionName(session)}, ${session.locationPath}`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form={id} isBusy={adding.isPending}>
            Begin
          </Button>
        </>
      }
    >
      <form id={id} onSubmit={submit} className="flex flex-col gap-3 pb-2">
        <WorkerFields {...{ draft }} onChange={setDraft} />
        <TextField
          label="Name (optional)"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        {adding.isError && (
          <p role="alert" className="text-bad">
            {adding.error.message}
          </p>
        )}
      </form>
    </Dialog>
  );
}
