// Repositories that are registered, and their worktrees: adding, forgetting and deleting them.

import { useNavigate } from "@tanstack/react-router";
import { FolderOpen, Trash2 } from "lucide-react";
import type { rest } from "pilothouse-client";
import { useState } from "react";
import { useOutdated, useRepositories, useWorktrees } from "@/api/repositories";
import { useMay, useServer } from "@/api/server";
import { useAgentNames, useMachines } from "@/live/machines";
import { useSessions } from "@/live/sessions";
import { Badge } from "@/ui/Badge";
import { Button, IconButton } from "@/ui/Button";
import { Confirmation, Dialog } from "@/ui/Dialog";
import { Failure, Skeleton } from "@/ui/Emptiness";
import { SelectField } from "@/ui/Field";
import { tell } from "@/ui/Toasts";
import { AddRepository } from "./create/WorktreeFields";
import { DeleteWorktree } from "./DeleteWorktree";

/** The dialog. */
export function Repositories({ onClose }: { readonly onClose: () => void }) {
  const repositories = useRepositories();
  const may = useMay();
  const [forgotten, setForgotten] = useState<rest.Repository>();
  return (
    <>
      <Dialog
        isOpen
        onClose={onClose}
        title="Repositories and worktrees"
        description="Sessions in worktrees belong to a repository that is registered here."
        footer={<Button onClick={onClose}>Close</Button>}
      >
        <div className="flex flex-col gap-4 pb-2">
          {repositories.isPending && <Skeleton rows={3} />}
          {repositories.isError && (
            <Failure error={repositories.error} onRetry={() => void repositories.refetch()} />
          )}
          {repositories.data?.length === 0 && (
            <p className="text-muted">No repository is registered yet.</p>
          )}
          {repositories.data?.map((repository) => (
            <OneRepository
              key={repository.id}
              repository={repository}
              onForget={() => setForgotten(repository)}
            />
          ))}
          {may.act && <Adding />}
        </div>
      </Dialog>
      <Forget repository={forgotten} onClose={() => setForgotten(undefined)} />
    </>
  );
}

function Adding() {
  const there = useMachines().filter(({ isThere }) => isThere);
  const [chosen, setChosen] = useState("");
  const agentId = chosen || there[0]?.id || "";
  if (there.length === 0) {
    return <p className="text-muted">A repository can be added while an agent is connected.</p>;
  }
  return (
    <div className="flex flex-col gap-3 border-t pt-3">
      {there.length > 1 && (
        <SelectField
          label="Agent"
          value={agentId}
          onChange={(event) => setChosen(event.target.value)}
          options={there.map(({ id, name }) => ({ value: id, label: name }))}
        />
      )}
      <AddRepository agentId={agentId} onAdded={() => tell("The repository was added")} />
    </div>
  );
}

function OneRepository({
  repository,
  onForget,
}: {
  readonly repository: rest.Repository;
  readonly onForget: () => void;
}) {
  const may = useMay();
  const names = useAgentNames();
  const worktrees = useWorktrees(repository.id);
  const [deleted, setDeleted] = useState<rest.WorktreeShape>();
  return (
    <section aria-label={repository.name}>
      <div className="flex items-center gap-2">
        <h3 className="font-semibold">{repository.name}</h3>
        <span className="min-w-0 flex-1 truncate font-mono text-small text-muted">
          {repository.path}
        </span>
        <Badge>{names.get(repository.agent) ?? repository.agent}</Badge>
        {may.act && (
          <Button kind="quiet" size="small" onClick={onForget}>
            Forget
          </Button>
        )}
      </div>
      {worktrees.isPending && <Skeleton rows={2} className="px-0 py-2" />}
      {worktrees.isError && (
        <p role="alert" className="py-1 text-small text-bad">
          {worktrees.error.message}
        </p>
      )}
      <ul aria-label={`Worktrees of ${repository.name}`}>
        {worktrees.data?.map((worktree) => (
          <WorktreeRow
            key={worktree.path}
            worktree={worktree}
            agentId={repository.agent}
            onDelete={may.act && !worktree.isMain ? () => setDeleted(worktree) : undefined}
          />
        ))}
      </ul>
      <DeleteWorktree
        repository={repository}
        worktree={deleted}
        onClose={() => setDeleted(undefined)}
      />
    </section>
  );
}

function WorktreeRow({
  worktree,
  agentId,
  onDelete,
}: {
  readonly worktree: rest.WorktreeShape;
  readonly agentId: string;
  readonly onDelete: (() => void) | undefined;
}) {
  const navigate = useNavigate();
  const { data: session } = useSessions((sessions) =>
    [...sessions.values()].find(
      (one) => one.agent === agentId && one.locationPath === worktree.path,
    ),
  );
  return (
    <li className="flex min-h-8 items-center gap-2 border-b last:border-b-0">
      <span className="max-w-1/2 shrink-0 truncate font-mono text-small">{worktree.branch}</span>
      <span className="min-w-0 flex-1 truncate font-mono text-small text-faint">
        {worktree.isMain ? "the repository itself" : worktree.path}
      </span>
      {session !== undefined && (
        <IconButton
          label={`Open the session in ${worktree.branch}`}
          size="small"
          onClick={() =>
            void navigate({ to: "/sessions/$sessionId", params: { sessionId: session.id } })
          }
        >
          <FolderOpen aria-hidden className="size-4" />
        </IconButton>
      )}
      {onDelete !== undefined && (
        <IconButton
          label={`Delete the worktree of ${worktree.branch}`}
          size="small"
          onClick={onDelete}
        >
          <Trash2 aria-hidden className="size-4" />
        </IconButton>
      )}
    </li>
  );
}

function Forget({
  repository,
  onClose,
}: {
  readonly repository: rest.Repository | undefined;
  readonly onClose: () => void;
}) {
  const { rest } = useServer();
  const outdated = useOutdated();
  const forget = async () => {
    if (repository === undefined) return;
    const path = { repository: repository.id };
    await rest.call("DELETE /api/repositories/{repository}", { path });
    await outdated.repositories();
    tell(`${repository.name} was forgotten`);
  };
  return (
    <Confirmation
      isOpen={repository !== undefined}
      onClose={onClose}
      title={`Forget ${repository?.name ?? ""}?`}
      action="Forget repository"
      onConfirm={forget}
    >
      Nothing is deleted on the machine, and it can be added again.
    </Confirmation>
  );
}
