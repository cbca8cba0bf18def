// What somebody fills in for a new run, and the request that it becomes. Pure.

import type { RunWish } from "pilothouse-client";
import { readScript } from "./script";

/** As the dialog has it. */
export interface RunDraft {
  readonly kind: "task" | "script";
  readonly task: string;
  readonly script: string;
  /** Whoever has time, if empty. */
  readonly agentId: string;
  /** A browser of the run's own, if empty. */
  readonly sessionId: string;
  readonly approval: boolean;
  readonly hosts: string;
  readonly maxSteps: string;
  readonly minutes: string;
}

/** What is wrong, by field; `form` of what is no field's. */
export type Problems = {
  readonly [Name in "task" | "script" | "hosts" | "maxSteps" | "minutes" | "form"]?: string;
};

/** What a dialog begins with. */
export const firstDraft = (agentId = ""): RunDraft => ({
  kind: "task",
  task: "",
  script: "",
  agentId,
  sessionId: "",
  approval: false,
  hosts: "",
  maxSteps: "",
  minutes: "",
});

const MOST_TASK_BYTES = 16 * 1024;
const HOST = /^(\*\.)?[\p{L}\p{N}]([\p{L}\p{N}.-]*[\p{L}\p{N}])?(:\d{1,5})?$/u;

/** The hosts of a text: with blanks or commas between them; of an address its host. */
export function hostsOf(written: string): { readonly hosts: string[]; readonly wrong: string[] } {
  const words = written.split(/[\s,;]+/).filter((word) => word !== "");
  const named = words.map((word) => {
    if (!/^https?:\/\//i.test(word)) return word.toLowerCase();
    return URL.canParse(word) ? new URL(word).host : word;
  });
  const hosts = [...new Set(named)];
  return { hosts, wrong: hosts.filter((host) => !HOST.test(host)) };
}

/** A whole number from 1 on; nothing of an empty text, and a problem of any other. */
function countOf(written: string): number | undefined | "wrong" {
  if (written.trim() === "") return undefined;
  const count = Number(written);
  return Number.isSafeInteger(count) && count > 0 ? count : "wrong";
}

function taskProblem({ kind, task }: RunDraft): string | undefined {
  if (kind !== "task") return undefined;
  if (task.trim() === "") return "Say what is to be done.";
  const size = new TextEncoder().encode(task).length;
  return size > MOST_TASK_BYTES ? "A task has at most 16 KB." : undefined;
}

/** The request, or what is wrong. */
export function wishOf(
  draft: RunDraft,
): { readonly wish: RunWish } | { readonly problems: Problems } {
  const task = taskProblem(draft);
  const script = draft.kind === "script" ? readScript(draft.script) : undefined;
  const { hosts, wrong } = hostsOf(draft.approval ? draft.hosts : "");
  const maxSteps = countOf(draft.maxSteps);
  const minutes = countOf(draft.minutes);
  const problems: Problems = {
    ...(task !== undefined && { task }),
    ...(script !== undefined && "problems" in script && { script: script.problems.join("\n") }),
    ...(wrong.length > 0 && { hosts: `These are no hosts: ${wrong.join(", ")}` }),
    ...(maxSteps === "wrong" && { maxSteps: "A number from 1 on." }),
    ...(minutes === "wrong" && { minutes: "A number of minutes from 1 on." }),
  };
  const isWrong = Object.keys(problems).length > 0;
  if (isWrong || maxSteps === "wrong" || minutes === "wrong") return { problems };
  return {
    wish: {
      ...(draft.kind === "task" && { task: draft.task.trim() }),
      ...(script !== undefined && "script" in script && { script: script.script }),
      ...(draft.agentId !== "" && { agentId: draft.agentId }),
      ...(draft.sessionId !== "" && { sessionId: draft.sessionId }),
      ...(maxSteps !== undefined && { maxSteps }),
      ...(minutes !== undefined && { timeout: minutes * 60_000 }),
      ...(draft.approval && { approval: true, allowedHosts: hosts }),
    },
  };
}
