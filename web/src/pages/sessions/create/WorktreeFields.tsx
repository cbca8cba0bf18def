// Which worktree a session is in: of which repository, on which branch, new or there already.

import type { UseQueryResult } from "@tanstack/react-query";
import type { rest } from "pilothouse-client";
import { useState } from "react";
import { useBranches, useOutdated, useWorktrees } from "@/api/repositories";
import { useServer } from "@/api/server";
import { Button } from "@/ui/Button";
import { SelectField } from "@/ui/Field";
import { SuggestField } from "@/ui/SuggestField";
import type { Problems, SessionDraft, WorktreeMode } from "./draft";
import { FolderField } from "./FolderField";

/** What the parts of it have in common. */
interface Parts {
  readonly draft: SessionDraft;
  readonly onChange: (change: Partial<SessionDraft>) => void;
  readonly problems: Problems;
}

/** The fields. */
export function WorktreeFields({
  repositories,
  ...parts
}: Parts & { readonly repositories: UseQueryResult<readonly rest.Repository[]> }) {
  const { draft, onChange, problems } = parts;
  const here = (repositories.data ?? []).filter(({ agent }) => agent === draft.agentId);
  const [isAdding, setAdding] = useState(false);
  const showsAdding = isAdding || (repositories.isSuccess && here.length === 0);
  return (
    <>
      {here.length > 0 && (
        <div className="flex items-start gap-2">
          <SelectField
            label="Repository"
            className="min-w-0 flex-1"
            value={draft.repositoryId}
            onChange={(event) =>
              onChange({ repositoryId: event.target.value, branch: "", base: "", worktree: "" })
            }
            options={[
              { value: "", label: "Choose one" },
              ...here.map(({ id, name, path }) => ({ value: id, label: `${name}: ${path}` })),
            ]}
            problem={problems.repositoryId}
          />
          <Button className="mt-[1.375rem]" onClick={() => setAdding(!isAdding)}>
            Add another
          </Button>
        </div>
      )}
      {repositories.isError && (
        <p role="alert" className="text-bad">
          The repositories could not be loaded: {repositories.error.message}
        </p>
      )}
      {showsAdding && (
        <AddRepository
          agentId={draft.agentId}
          problem={here.length === 0 ? problems.repositoryId : undefined}
          onAdded={(repositoryId) => {
            setAdding(false);
            onChange({ repositoryId, branch: "", base: "", worktree: "" });
          }}
        />
      )}
      {draft.repositoryId !== "" && <OfRepository {...parts} />}
    </>
  );
}

/** Registers the repository that a folder is in. */
export function AddRepository({
  agentId,
  problem,
  onAdded,
}: {
  readonly agentId: string;
  readonly problem?: string | undefined;
  readonly onAdded: (repositoryId: string) => void;
}) {
  const { rest } = useServer();
  const outdated = useOutdated();
  const [path, setPath] = useState("~/");
  const [state, setState] = useState<{ isBusy: boolean; problem?: string }>({ isBusy: false });
  const addIt = async () => {
    setState({ isBusy: true });
    try {
      const body = { path: path.trim(), ...(agentId === "" ? {} : { agentId }) };
      const { repository } = await rest.call("POST /api/repositories", { body });
      await outdated.repositories();
      setState({ isBusy: false });
      onAdded(repository.id);
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      setState({ isBusy: false, problem: words });
    }
  };
  return (
    <div className="flex items-start gap-2">
      <div className="min-w-0 flex-1">
        <FolderField
          agentId={agentId}
          label="Folder of a git repository"
          value={path}
          onChange={(value) => {
            setPath(value);
            setState({ isBusy: false });
          }}
          problem={state.problem ?? problem}
        />
      </div>
      <Button className="mt-[1.375rem]" onClick={addIt} isBusy={state.isBusy}>
        Add repository
      </Button>
    </div>
  );
}

const MODES: readonly { readonly value: WorktreeMode; readonly label: string }[] = [
  { value: "custom", label: "A new branch, in a new worktree" },
  { value: "existing", label: "A branch that is there, in a new worktree" },
  { value: "open", label: "A worktree that is there" },
];

function OfRepository(parts: Parts) {
  const { draft, onChange } = parts;
  return (
    <>
      <SelectField
        label="Branch and worktree"
        value={draft.mode}
        onChange={(event) => {
          const mode = MODES.find(({ value }) => value === event.target.value)?.value;
          if (mode !== undefined) onChange({ mode, branch: "" });
        }}
        options={MODES}
      />
      {draft.mode === "open" ? <WorktreeField {...parts} /> : <BranchFields {...parts} />}
    </>
  );
}

function BranchFields({ draft, onChange, problems }: Parts) {
  const branches = useBranches(draft.repositoryId);
  const local = (branches.data?.local ?? []).map((value) => ({ value }));
  const remote = (branches.data?.remote ?? []).map((value) => ({ value, hint: "remote" }));
  const lookedUp = branches.isError ? branches.error.message : undefined;
  const usual = branches.data?.defaultBranch;
  const isNew = draft.mode === "custom";
  return (
    <div className="grid grid-cols-2 items-start gap-3 max-sm:grid-cols-1">
      <SuggestField
        label={isNew ? "New branch" : "Branch"}
        value={draft.branch}
        onChange={(branch) => onChange({ branch })}
        suggestions={isNew ? [] : [...local, ...remote]}
        problem={problems.branch ?? (isNew ? undefined : lookedUp)}
        placeholder={isNew ? "fix-login" : ""}
        isMono
      />
      {isNew && (
        <SuggestField
          label="From (optional)"
          value={draft.base}
          onChange={(base) => onChange({ base })}
          suggestions={[...local, ...remote]}
          placeholder={usual ?? "what is checked out"}
          hint="Empty: from what is checked out in the repository."
          problem={problems.base ?? lookedUp}
          isMono
        />
      )}
    </div>
  );
}

function WorktreeField({ draft, onChange, problems }: Parts) {
  const worktrees = useWorktrees(draft.repositoryId);
  return (
    <SelectField
      label="Worktree"
      value={draft.worktree}
      onChange={(event) => onChange({ worktree: event.target.value })}
      options={[
        { value: "", label: worktrees.isLoading ? "Loading…" : "Choose one" },
        ...(worktrees.data ?? []).map(({ path, branch }) => ({
          value: path,
          label: `${branch}: ${path}`,
        })),
      ]}
      problem={problems.worktree ?? (worktrees.isError ? worktrees.error.message : undefined)}
    />
  );
}
