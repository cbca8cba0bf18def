// A session that somebody is about to make: what is wrong with it, and what the server is to be asked. Pure.

import type { rest, sessionsAndWorkers } from "pilothouse-client";
import { begunLast } from "@/features/sessions/standing";
import { agentTypeOf, FIRST_DRAFT, type WorkerDraft } from "@/features/sessions/WorkerFields";
import type { Suggestion } from "@/ui/SuggestField";

/** How the worktree comes to be. */
export type WorktreeMode = "custom" | "existing" | "open";

/** See the top of the file. */
export interface SessionDraft {
  readonly place: "folder" | "worktree";
  readonly agentId: string;
  readonly folder: string;
  readonly title: string;
  readonly repositoryId: string;
  readonly mode: WorktreeMode;
  /** The new branch, or the one that is there. */
  readonly branch: string;
  readonly base: string;
  /** The worktree that is there. */
  readonly worktree: string;
  readonly worker: WorkerDraft;
}

/** Where something can be wrong; `form` is everywhere else. */
export type DraftField =
  | "agentId"
  | "folder"
  | "repositoryId"
  | "branch"
  | "base"
  | "worktree"
  | "title"
  | "worker"
  | "form";

/** What is wrong, by field. */
export type Problems = Partial<Record<DraftField, string>>;

/** What a draft begins as. */
export const firstDraft = (agentId: string): SessionDraft => ({
  place: "folder",
  agentId,
  folder: "~/",
  title: "",
  repositoryId: "",
  mode: "custom",
  branch: "",
  base: "",
  worktree: "",
  worker: FIRST_DRAFT,
});

const BRANCH = /^[A-Za-z0-9._/][A-Za-z0-9._/-]*$/;

/** What can be said before the server is asked. */
export function problemsOf(draft: SessionDraft): Problems {
  const problems: Record<string, string> = {};
  const say = (field: DraftField, words: string) => {
    problems[field] = words;
  };
  if (draft.place === "folder") {
    const folder = draft.folder.trim();
    if (draft.agentId === "") say("agentId", "Choose the agent on whose machine it is.");
    if (folder === "") say("folder", "Give a folder.");
    else if (!/^(\/|~$|~\/)/.test(folder)) say("folder", "Begin with / or ~/.");
    return problems;
  }
  if (draft.repositoryId === "") say("repositoryId", "Choose a repository, or add one.");
  else if (draft.mode === "open") {
    if (draft.worktree === "") say("worktree", "Choose a worktree.");
  } else if (draft.branch.trim() === "") {
    say("branch", draft.mode === "custom" ? "Name the new branch." : "Choose a branch.");
  } else if (!BRANCH.test(draft.branch.trim())) {
    say("branch", "A branch has letters, digits and . _ / - and does not begin with -.");
  }
  return problems;
}

/** What the server is asked for a draft. */
export type Wanted =
  | { readonly kind: "session"; readonly body: rest.SessionBody }
  | { readonly kind: "worktree"; readonly repository: string; readonly body: rest.WorktreeBody };

/** See `Wanted`. A worker that this cannot begin with is added afterwards: see `isWorkerApart`. */
export function wanted(draft: SessionDraft, worktrees: readonly rest.WorktreeShape[]): Wanted {
  const title = draft.title.trim();
  const common = { ...(title === "" ? {} : { title }), ...agentPart(draft.worker) };
  if (draft.place === "folder") {
    const { agentId } = draft;
    const locationPath = draft.folder.trim();
    return { kind: "session", body: { type: "quick", agentId, locationPath, ...common } };
  }
  const repositoryId = draft.repositoryId;
  if (draft.mode === "open") {
    const branch = worktrees.find(({ path }) => path === draft.worktree)?.branch;
    const body = { type: "worktree", repositoryId, locationPath: draft.worktree, ...common };
    const known = branch === undefined ? {} : { worktreeId: branch };
    return { kind: "session", body: { ...body, ...known } };
  }
  const base = draft.base.trim();
  const body = {
    mode: draft.mode,
    branch: draft.branch.trim(),
    ...(draft.mode === "custom" && base !== "" ? { baseBranch: base } : {}),
    autoStartSession: true,
    ...common,
  };
  return { kind: "worktree", repository: repositoryId, body };
}

/** Whether the draft's worker is added by a request of its own, after the session is there. */
export const isWorkerApart = ({ worker }: SessionDraft): boolean =>
  worker.kind === "terminal" || (agentTypeOf(worker) !== undefined && worker.continues);

function agentPart(worker: WorkerDraft): Pick<rest.SessionBody, "agentType" | "initialPrompt"> {
  const agentType = agentTypeOf(worker);
  if (agentType === undefined || worker.continues) return {};
  const prompt = worker.prompt.trim();
  return { agentType, ...(prompt === "" ? {} : { initialPrompt: prompt }) };
}

/** Which field a refusal of the server is about. */
export function fieldOf(words: string, draft: SessionDraft): DraftField {
  if (/initialPrompt|\bprompt\b|agent type/i.test(words)) return "worker";
  if (/^title\b/i.test(words)) return "title";
  if (/^(no agent|several agents|agent \S+ is not)/i.test(words)) {
    return draft.place === "folder" ? "agentId" : "repositoryId";
  }
  if (draft.place === "folder") {
    const isOfFolder = /there is nothing at|director|absolute path|a path has/i.test(words);
    return isOfFolder ? "folder" : "form";
  }
  if (/repository \S+ is not|repository is on/i.test(words)) return "repositoryId";
  if (draft.mode === "open") return /worktree|branch|nothing at/i.test(words) ? "worktree" : "form";
  const base = draft.base.trim();
  if (base !== "" && base !== draft.branch.trim() && words.includes(base)) return "base";
  return /branch|reference|checked out|invalid ref|git refused/i.test(words) ? "branch" : "form";
}

/** How many folders are suggested. */
const MOST_FOLDERS = 40;

/** Folders that may be meant on an agent: those of its sessions, newest first, its repositories, and its home. */
export function folderSuggestions(
  agentId: string,
  sessions: Iterable<sessionsAndWorkers.Session>,
  repositories: readonly rest.Repository[],
  home: string | undefined,
): readonly Suggestion[] {
  const here = [...sessions].filter(({ agent }) => agent === agentId);
  const recent = here.sort((one, other) => begunLast(other) - begunLast(one));
  const all = [
    ...recent.map(({ locationPath }) => ({ value: locationPath, hint: "used before" })),
    ...repositories
      .filter(({ agent }) => agent === agentId)
      .map(({ path }) => ({ value: path, hint: "repository" })),
    ...(home === undefined || home === "" ? [] : [{ value: home, hint: "home" }]),
  ];
  const byPath = new Map<string, Suggestion>();
  for (const one of all) if (!byPath.has(one.value)) byPath.set(one.value, one);
  return [...byPath.values()].slice(0, MOST_FOLDERS);
}
