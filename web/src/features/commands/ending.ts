// How commands stand and how they ended, in words.

/** What is told of that by REST and by the dashboard. */
export interface Ending {
  readonly status: string;
  readonly exitCode?: number | null;
  readonly signal?: string | null;
  readonly error?: string | null;
}

const STATES: Readonly<Record<string, string>> = {
  queued: "waiting",
  running: "running",
  completed: "done",
  interrupted: "interrupted",
};

/** Such as "done", "exit 3", "SIGSEGV" or "failed". */
export function endWords({ status, exitCode, signal }: Ending): string {
  const words = STATES[status];
  if (words !== undefined) return words;
  if (typeof signal === "string") return signal;
  if (typeof exitCode === "number") return `exit ${exitCode}`;
  return "failed";
}

/** Why it failed, unless that says no more than its exit code does. */
export function endReason({ error, exitCode }: Ending): string | undefined {
  if (typeof error !== "string" || error === "") return undefined;
  return error === `exited with ${exitCode}` ? undefined : error;
}
