// Asks before a worktree is deleted, and once more before changes that are not committed are lost.

import { RestError, type rest } from "pilothouse-client";
import { useState } from "react";
import { useOutdated } from "@/api/repositories";
import { useServer } from "@/api/server";
import { Confirmation } from "@/ui/Dialog";
import { tell } from "@/ui/Toasts";

/** The confirmation, for as long as a worktree is given. */
export function DeleteWorktree({
  repository,
  worktree,
  onClose,
}: {
  readonly repository: rest.Repository;
  readonly worktree: rest.WorktreeShape | undefined;
  readonly onClose: () => void;
}) {
  if (worktree === undefined) return null;
  return <Asking key={worktree.path} {...{ repository, worktree, onClose }} />;
}

/** What git refused because it would be lost. */
const isAboutChanges = (error: unknown): boolean =>
  error instanceof RestError && error.status === 409 && error.message.includes("not committed");

function Asking({
  repository,
  worktree,
  onClose,
}: {
  readonly repository: rest.Repository;
  readonly worktree: rest.WorktreeShape;
  readonly onClose: () => void;
}) {
  const { rest } = useServer();
  const outdated = useOutdated();
  const [hasChanges, setHasChanges] = useState(false);
  const confirm = async () => {
    try {
      await rest.call("DELETE /api/repositories/{repository}/worktrees/{path}", {
        path: { repository: repository.id, path: worktree.path },
        query: hasChanges ? { force: "true" } : {},
      });
    } catch (error) {
      if (!isAboutChanges(error) || hasChanges) throw error;
      setHasChanges(true);
      throw new Error("It has changes that are not committed. Nothing has been deleted yet.");
    }
    void outdated.branches(repository.id);
    await outdated.worktrees(repository.id);
    tell(`The worktree of ${worktree.branch} was deleted`);
  };
  return (
    <Confirmation
      isOpen
      onClose={onClose}
      title={`Delete the worktree of ${worktree.branch}?`}
      action={hasChanges ? "Delete it and lose the changes" : "Delete worktree"}
      onConfirm={confirm}
    >
      <p>
        The folder <span className="font-mono text-small break-all">{worktree.path}</span> goes, and
        the sessions in it with what runs there. The branch stays.
      </p>
    </Confirmation>
  );
}
