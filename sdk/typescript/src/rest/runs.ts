// Runs over REST: browser tasks, made, followed, answered and read back.

import type { Run, RunStep, RunWait } from "../wire/rest.js";
import type { RestClient } from "./client.js";

export type { Run, RunStep, RunWait };

/** How a run is. The last three are for good. */
export type RunStatus = "PENDING" | "INPROGRESS" | "COMPLETED" | "FAILED" | "CANCELLED";

/** One action of a script, such as `{type: "navigate", url: "https://example.com"}`. */
export type RunAction = Record<string, unknown>;

/** The run to be: a task, a script, the replay of another one, or a task after a script. */
export interface RunWish {
  /** What is to be done, in words. */
  readonly task?: string;
  readonly script?: RunAction[];
  /** The run whose commands are to be done again. */
  readonly replay?: string;
  readonly agentId?: string;
  /** In which session's browser; in one of its own if absent. */
  readonly sessionId?: string;
  readonly maxSteps?: number;
  /** In milliseconds. */
  readonly timeout?: number;
  readonly approval?: boolean;
  readonly allowedHosts?: string[];
}

/** Which runs are wanted. */
export interface RunQuery {
  readonly agentId?: string;
  /** The id of whoever asked for them. */
  readonly userId?: string;
  /** One of `RunStatus`, or several with commas between them. */
  readonly status?: string;
  /** `next` of the page before. */
  readonly before?: string;
  readonly limit?: number;
}

/** Whether something that was held may be done. */
export interface RunDecision {
  /** The id of the wait. */
  readonly waitId: string;
  readonly granted: boolean;
  readonly reason?: string;
  /** Whether the same holds for whatever else the run sends to that host. */
  readonly always?: boolean;
}

interface Signalled {
  readonly signal?: AbortSignal | undefined;
}

/** How many steps one request brings at most. */
const PAGE = 1000;

/** Calls the routes of runs. */
export class Runs {
  constructor(private readonly rest: RestClient) {}

  /** Makes a run. It waits until its agent is connected and has a place for it. */
  async create(wish: RunWish): Promise<Run> {
    const body = { ...wish };
    return (await this.rest.call("POST /api/runs", { body })).run;
  }

  /** Runs, the newest first, and where the next page begins. */
  async list(
    query: RunQuery = {},
    { signal }: Signalled = {},
  ): Promise<{ readonly runs: readonly Run[]; readonly next?: string | null }> {
    return this.rest.call("GET /api/runs", { query: { ...query }, signal });
  }

  /** A run, and those of its steps that come after a number; all if it is absent. */
  async get(
    run: string,
    { after = 0, signal }: { readonly after?: number } & Signalled = {},
  ): Promise<{ readonly run: Run; readonly steps: readonly RunStep[] }> {
    const path = { run };
    const steps: RunStep[] = [];
    for (let from = after; ; from = steps.at(-1)?.number ?? from) {
      const query = { after: from, limit: PAGE };
      const page = await this.rest.call("GET /api/runs/{run}", { path, query, signal });
      steps.push(...page.steps);
      if (page.steps.length < PAGE) return { run: page.run, steps };
    }
  }

  /** How the page looked at a step: a JPEG or a PNG. Of old steps the pictures go. */
  async screenshot(run: string, step: number, { signal }: Signalled = {}): Promise<Blob> {
    const path = { run, step: String(step) };
    const route = "GET /api/runs/{run}/steps/{step}/screenshot";
    return (await this.rest.response(route, { path, signal })).blob();
  }

  /** Ends a run: one that waits for its agent at once, one that is under way as soon as its agent has ended it. */
  async cancel(run: string, reason?: string): Promise<Run> {
    const body = reason === undefined ? {} : { reason };
    return (await this.rest.call("POST /api/runs/{run}/cancel", { path: { run }, body })).run;
  }

  /** Has it do nothing more after the step that it is at, until it is resumed. */
  async pause(run: string): Promise<Run> {
    return (await this.rest.call("POST /api/runs/{run}/pause", { path: { run } })).run;
  }

  async resume(run: string): Promise<Run> {
    return (await this.rest.call("POST /api/runs/{run}/resume", { path: { run } })).run;
  }

  /** Answers the question that a run asks. `waitId` is that of its wait. */
  async reply(run: string, waitId: string, text: string): Promise<Run> {
    const body = { waitId, text };
    return (await this.rest.call("POST /api/runs/{run}/reply", { path: { run }, body })).run;
  }

  /** Approves or denies what a run wants to do. The same decision again changes nothing, another one is refused. */
  async decide(run: string, decision: RunDecision): Promise<Run> {
    const body = { ...decision };
    return (await this.rest.call("POST /api/runs/{run}/decision", { path: { run }, body })).run;
  }
}
