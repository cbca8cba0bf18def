// Making a key, which is shown once with what to do with it.

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { keys } from "@/api/keys";
import { serverUrl } from "@/api/place";
import { useServer } from "@/api/server";
import { Button } from "@/ui/Button";
import { CopyBox } from "@/ui/Copy";
import { Dialog } from "@/ui/Dialog";
import { SelectField, TextField } from "@/ui/Field";
import { FormDialog } from "@/ui/FormDialog";
import { agentCommand } from "./agentCommand";

const LIFETIMES = [
  { value: "30d", label: "30 days" },
  { value: "90d", label: "90 days" },
  { value: "365d", label: "1 year" },
  { value: "", label: "Until it is revoked" },
] as const;

interface Made {
  readonly key: string;
  readonly name: string;
  readonly agentId: string;
}

/** The dialog, open for as long as it is there. */
export function MakeKey({ onClose }: { readonly onClose: () => void }) {
  const { rest } = useServer();
  const cache = useQueryClient();
  const [kind, setKind] = useState("one");
  const [made, setMade] = useState<Made>();
  if (made !== undefined) return <Shown made={made} onClose={onClose} />;
  return (
    <FormDialog
      isOpen
      onClose={onClose}
      title="Make a key"
      description="It lets a machine link itself as an agent, and nothing else."
      action="Make key"
      onSubmit={async (field) => {
        const agentId = kind === "one" ? field("agent") : "";
        const name = field("name");
        const expiresIn = field("lifetime");
        const { key } = await rest.call("POST /api/v1/keys", {
          body: {
            name,
            ...(agentId === "" ? {} : { agentId }),
            ...(expiresIn === "" ? {} : { expiresIn }),
          },
        });
        await cache.invalidateQueries({ queryKey: keys.pages("GET /api/v1/keys") });
        setMade({ key, name, agentId });
        return false;
      }}
    >
      <TextField
        label="Name"
        name="name"
        required
        autoFocus
        maxLength={100}
        autoComplete="off"
        hint="For people: which machine, or what for"
      />
      <SelectField
        label="Lets in"
        value={kind}
        onChange={(event) => setKind(event.target.value)}
        options={[
          { value: "one", label: "One agent" },
          { value: "any", label: "Any agent that is new" },
        ]}
      />
      {kind === "one" && (
        <TextField
          label="Agent"
          name="agent"
          required
          autoComplete="off"
          spellCheck={false}
          autoCapitalize="off"
          hint="What the agent is called: letters, digits, _ and -"
        />
      )}
      <SelectField label="Counts for" name="lifetime" defaultValue="90d" options={LIFETIMES} />
    </FormDialog>
  );
}

function Shown({ made, onClose }: { readonly made: Made; readonly onClose: () => void }) {
  const { file, line } = agentCommand(serverUrl, made.name, made.agentId);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`Key “${made.name}”`}
      description="Copy it now: it is shown this once."
      footer={
        <Button kind="primary" onClick={onClose}>
          Done
        </Button>
      }
    >
      <ol className="flex flex-col gap-4 pb-2">
        <li>
          <CopyBox label="Key" text={made.key} isProminent />
        </li>
        <li className="flex flex-col gap-2">
          <p className="text-muted">
            On that machine, keep it in <code className="font-mono text-ink">{file}</code>, readable
            by you alone, and start the agent:
          </p>
          <CopyBox label="Command" text={line} />
        </li>
      </ol>
    </Dialog>
  );
}
