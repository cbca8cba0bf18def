// Adds or changes a kind of command line agent.

import type { rest } from "pilothouse-client";
import { type FormEvent, useId, useState } from "react";
import { useOutdated } from "@/api/repositories";
import { useServer } from "@/api/server";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { TextArea, TextField } from "@/ui/Field";
import { useAttempt } from "@/ui/useAttempt";

/** What is written. */
interface TypeDraft {
  readonly name: string;
  readonly description: string;
  readonly commandTemplate: string;
  readonly continueTemplate: string;
  readonly headlessTemplate: string;
  /** One pattern a line. */
  readonly askingPatterns: string;
}

const draftOf = (type: rest.AgentKindShape | undefined): TypeDraft => ({
  name: type?.name ?? "",
  description: type?.description ?? "",
  commandTemplate: type?.commandTemplate ?? "",
  continueTemplate: type?.continueTemplate ?? "",
  headlessTemplate: type?.headlessTemplate ?? "",
  askingPatterns: type?.activityPatterns.askingPatterns.join("\n") ?? "",
});

/** What the server is told; what was emptied is taken away. */
function typeBody(draft: TypeDraft): rest.AgentKindBody {
  const optional = (text: string) => (text.trim() === "" ? null : text.trim());
  const patterns = draft.askingPatterns.split("\n").filter((line) => line.trim() !== "");
  return {
    name: draft.name.trim(),
    description: optional(draft.description),
    commandTemplate: draft.commandTemplate.trim(),
    continueTemplate: optional(draft.continueTemplate),
    headlessTemplate: optional(draft.headlessTemplate),
    activityPatterns: patterns.length === 0 ? null : { askingPatterns: patterns },
  };
}

/** Which field a refusal is about; it begins with its name. */
function typeField(words: string): keyof TypeDraft | undefined {
  const fields = [
    "commandTemplate",
    "continueTemplate",
    "headlessTemplate",
    "askingPatterns",
    "description",
    "name",
  ] as const;
  return fields.find((field) => words.startsWith(field) || words.includes(`${field}:`));
}

/** The dialog. */
export function AgentTypeForm({
  type,
  onClose,
}: {
  /** The one that is changed; without one, one is added. */
  readonly type: rest.AgentKindShape | undefined;
  readonly onClose: () => void;
}) {
  const { rest } = useServer();
  const outdated = useOutdated();
  const [draft, setDraft] = useState(() => draftOf(type));
  const { isBusy, problem, attempt } = useAttempt();
  const id = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    return attempt(async () => {
      const body = typeBody(draft);
      if (type === undefined) await rest.call("POST /api/agent-types", { body });
      else {
        const path = { agentType: type.id };
        await rest.call("PATCH /api/agent-types/{agentType}", { path, body });
      }
      await outdated.agentTypes();
      onClose();
    });
  };
  const wrong = problem === undefined ? undefined : typeField(problem);
  const field = (name: keyof TypeDraft) => ({
    value: draft[name],
    onChange: (event: { readonly target: { readonly value: string } }) =>
      setDraft({ ...draft, [name]: event.target.value }),
    problem: wrong === name ? problem : undefined,
  });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={type === undefined ? "Add an agent type" : `Change ${type.name}`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form={id} isBusy={isBusy}>
            {type === undefined ? "Add type" : "Save"}
          </Button>
        </>
      }
    >
      <form id={id} onSubmit={submit} className="flex flex-col gap-3 pb-2">
        <TextField label="Name" required {...field("name")} />
        <TextField label="Description (optional)" {...field("description")} />
        <TextField
          label="Command"
          required
          spellCheck={false}
          hint={
            <>
              A line for <code>/bin/sh</code>. <code>{"{{prompt}}"}</code> is where the prompt goes,
              as <code>{"{{prompt:+-i}}"}</code> behind an option.
            </>
          }
          {...field("commandTemplate")}
        />
        <TextField
          label="Command to go on with the last conversation (optional)"
          spellCheck={false}
          {...field("continueTemplate")}
        />
        <TextField
          label="Command that answers once and ends (optional)"
          spellCheck={false}
          {...field("headlessTemplate")}
        />
        <TextArea
          label="What its screen shows when it asks (optional)"
          hint="Regular expressions, one a line. Without any, it is never seen asking."
          spellCheck={false}
          {...field("askingPatterns")}
        />
        {problem !== undefined && wrong === undefined && (
          <p role="alert" className="text-bad">
            {problem}
          </p>
        )}
      </form>
    </Dialog>
  );
}
