// The kinds of command line agents: those that come with the program, and one's own, which can be added and changed.

import { Pencil, Plus, Trash2 } from "lucide-react";
import type { rest } from "pilothouse-client";
import { useState } from "react";
import { useAgentTypes, useOutdated } from "@/api/repositories";
import { useMay, useServer } from "@/api/server";
import { Badge } from "@/ui/Badge";
import { Button, IconButton } from "@/ui/Button";
import { Confirmation, Dialog } from "@/ui/Dialog";
import { Failure, Skeleton } from "@/ui/Emptiness";
import { tell } from "@/ui/Toasts";
import { AgentTypeForm } from "./AgentTypeForm";

/** The type that is written, or that one is added. */
type Edited = rest.AgentKindShape | "added" | undefined;

/** The dialog. */
export function AgentTypes({ onClose }: { readonly onClose: () => void }) {
  const types = useAgentTypes();
  const may = useMay();
  const [edited, setEdited] = useState<Edited>();
  const [removed, setRemoved] = useState<rest.AgentKindShape>();
  return (
    <>
      <Dialog
        isOpen
        onClose={onClose}
        title="Agent types"
        description="Kinds of command line agents that workers can be. Those that come with the program stay as they are."
        footer={
          <>
            <Button onClick={onClose}>Close</Button>
            {may.act && (
              <Button
                kind="primary"
                icon={<Plus aria-hidden className="size-4" />}
                onClick={() => setEdited("added")}
              >
                Add a type
              </Button>
            )}
          </>
        }
      >
        {types.isPending && <Skeleton rows={4} />}
        {types.isError && <Failure error={types.error} onRetry={() => void types.refetch()} />}
        <ul aria-label="Agent types" className="flex flex-col pb-2">
          {types.data?.map((type) => (
            <TypeRow
              key={type.id}
              type={type}
              mayChange={may.act && !type.isBuiltIn}
              onEdit={() => setEdited(type)}
              onRemove={() => setRemoved(type)}
            />
          ))}
        </ul>
      </Dialog>
      {edited !== undefined && (
        <AgentTypeForm
          type={edited === "added" ? undefined : edited}
          onClose={() => setEdited(undefined)}
        />
      )}
      <RemoveType type={removed} onClose={() => setRemoved(undefined)} />
    </>
  );
}

function TypeRow({
  type,
  mayChange,
  onEdit,
  onRemove,
}: {
  readonly type: rest.AgentKindShape;
  readonly mayChange: boolean;
  readonly onEdit: () => void;
  readonly onRemove: () => void;
}) {
  const { capabilities } = type;
  return (
    <li className="flex items-start gap-3 border-b py-2 last:border-b-0">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-medium">{type.name}</span>
          <span className="font-mono text-small text-faint">{type.id}</span>
          {type.isBuiltIn && <Badge>built in</Badge>}
          {!capabilities.supportsActivityDetection && <Badge>says not when it asks</Badge>}
        </p>
        {type.description && <p className="text-muted">{type.description}</p>}
        <p className="truncate font-mono text-small text-muted" title={type.commandTemplate}>
          {type.commandTemplate}
        </p>
      </div>
      {mayChange && (
        <>
          <IconButton label={`Change ${type.name}`} onClick={onEdit}>
            <Pencil aria-hidden className="size-4" />
          </IconButton>
          <IconButton label={`Remove ${type.name}`} onClick={onRemove}>
            <Trash2 aria-hidden className="size-4" />
          </IconButton>
        </>
      )}
    </li>
  );
}

function RemoveType({
  type,
  onClose,
}: {
  readonly type: rest.AgentKindShape | undefined;
  readonly onClose: () => void;
}) {
  const { rest } = useServer();
  const outdated = useOutdated();
  const remove = async () => {
    if (type === undefined) return;
    await rest.call("DELETE /api/agent-types/{agentType}", { path: { agentType: type.id } });
    await outdated.agentTypes();
    tell(`${type.name} was removed`);
  };
  return (
    <Confirmation
      isOpen={type !== undefined}
      onClose={onClose}
      title={`Remove ${type?.name ?? ""}?`}
      action="Remove type"
      onConfirm={remove}
    >
      Workers that have ended keep what they showed, but can no longer be restarted. While a worker
      of this type runs, it cannot be removed.
    </Confirmation>
  );
}
