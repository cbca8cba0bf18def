// What people do to agents: pause, resume, stop, restart. One or many, told in one note.

import type { RestClient, rest } from "pilothouse-client";
import { useMemo } from "react";
import { useServer } from "@/api/server";
import { tell, tellFailure } from "@/ui/Toasts";

/** What can be done to an agent at once. */
export type AgentAct = "pause" | "resume" | "stop" | "restart";

const DONE: Record<AgentAct, string> = {
  pause: "paused",
  resume: "resumed",
  stop: "stopped",
  restart: "restarted",
};

/** Requests that are on their way at a time: browsers have room for six. */
const AT_ONCE = 4;

async function act(
  client: RestClient,
  name: AgentAct,
  agentId: string,
): Promise<string | undefined> {
  const call = { path: { agent: agentId } };
  if (name !== "stop") {
    await client.call(`POST /api/v1/agents/{agent}/${name}`, call);
    return undefined;
  }
  const { agents } = await client.call("POST /api/v1/agents/{agent}/stop", call);
  return notStopped(agents[0]);
}

/** Why an agent is not stopped yet, in words; nothing if it is. */
export function notStopped(agent: rest.StoppedAgent | undefined): string | undefined {
  if (agent === undefined || agent.result === "stopped") return undefined;
  const why = agent.reason ?? agent.result;
  return agent.result === "unreachable"
    ? `${why}. It is held, and stopped as soon as it links again`
    : why;
}

/** Does something for each, some at a time, in order. */
export async function each<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const lane = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await run(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

/** Acts on agents and tells what became of it. */
export function useAgentActs(): (name: AgentAct, agentIds: readonly string[]) => Promise<void> {
  const { rest } = useServer();
  return useMemo(
    () => async (name, agentIds) => {
      const problems: string[] = [];
      await each(agentIds, async (agentId) => {
        try {
          const words = await act(rest, name, agentId);
          if (words !== undefined) problems.push(`${agentId}: ${words}`);
        } catch (error) {
          problems.push(`${agentId}: ${error instanceof Error ? error.message : String(error)}`);
        }
      });
      const [first] = agentIds;
      const who = agentIds.length === 1 ? first : `${agentIds.length - problems.length} agents`;
      if (problems.length === 0) tell(`${who} ${DONE[name]}`);
      else {
        const more = problems.length > 3 ? ` And ${problems.length - 3} more.` : "";
        const words = new Error(`${problems.slice(0, 3).join(". ")}.${more}`);
        tellFailure(`Not ${DONE[name]}: ${problems.length} of ${agentIds.length}`, words);
      }
    },
    [rest],
  );
}
