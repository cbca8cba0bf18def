// What an agent's address says of how it is looked at.

/** The parts of the page beside the output; on phones the output is one of them. */
const TABS = ["output", "commands", "about"] as const;
/** One of them. */
export type AgentTab = (typeof TABS)[number];

/** What is in the address; what is absent is as usual. */
export interface AgentSearch {
  /** The command whose output is shown; the newest one if absent. */
  readonly command?: string;
  readonly tab?: AgentTab;
  /** A line that is put into the field, to be looked at and run. */
  readonly line?: string;
}

/** The same, of an address that may say anything. */
export function agentSearch(search: Record<string, unknown>): AgentSearch {
  const tab = TABS.find((one) => one === search.tab);
  const { command, line } = search;
  return {
    ...(typeof command === "string" && command !== "" ? { command } : {}),
    ...(tab === undefined ? {} : { tab }),
    ...(typeof line === "string" && line !== "" ? { line } : {}),
  };
}
