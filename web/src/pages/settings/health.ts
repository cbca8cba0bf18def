// What `/health` says, read with care: it is not part of the typed interface.

/** What of it is shown. */
export interface Health {
  readonly status: "ok" | "degraded" | "stopping";
  readonly reasons: readonly string[];
  readonly version: string;
  readonly uptimeMs: number;
  readonly agents: { readonly known: number; readonly online: number };
  readonly commands: { readonly queued: number; readonly running: number };
  readonly sockets: number;
  /** How many connections it takes. */
  readonly limit: number;
}

const STATES = ["ok", "degraded", "stopping"] as const;

const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (inside, name) =>
      typeof inside === "object" && inside !== null ? Reflect.get(inside, name) : undefined,
    value,
  );

/** Reads it. What is missing is 0, and a status that is not known counts as degraded. */
export function readHealth(answer: unknown): Health {
  const number = (...path: readonly string[]) => {
    const value = at(answer, ...path);
    return typeof value === "number" ? value : 0;
  };
  const reasons = at(answer, "reasons");
  const version = at(answer, "version");
  return {
    status: STATES.find((state) => state === at(answer, "status")) ?? "degraded",
    reasons: Array.isArray(reasons) ? reasons.map(String) : [],
    version: typeof version === "string" ? version : "not said",
    uptimeMs: number("uptimeMs"),
    agents: { known: number("agents", "known"), online: number("agents", "online") },
    commands: { queued: number("commands", "queued"), running: number("commands", "running") },
    sockets: number("sockets", "total"),
    limit: number("limits", "connections"),
  };
}
