// Runs of the real server, done by an agent that the test pretends to be, before and after an outage.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RestClient, RunsClient, type RunsOptions } from "../../src/index.js";
import { PretendedAgent } from "../pretended.js";
import { openSocket, PROGRAM, Program, SOON } from "../program.js";

let program: Program;
let token: string;
let agent: PretendedAgent;
const clients: RunsClient[] = [];

function made(more: Partial<RunsOptions> = {}): RunsClient {
  const client = new RunsClient({ server: program.url, openSocket, backoff: SOON, token, ...more });
  clients.push(client);
  return client;
}

async function makeRun(): Promise<string> {
  const rest = new RestClient({ server: program.url, token });
  const body = { task: "buy shoes", agentId: agent.id };
  const { run } = await rest.call("POST /api/runs", { body });
  return run.id;
}

describe.skipIf(PROGRAM === "")("runs of the real server", () => {
  beforeAll(async () => {
    program = await Program.start();
    token = await program.token();
    agent = await PretendedAgent.link(program, "browser-1");
  });

  afterAll(async () => {
    for (const client of clients) client.dispose();
    agent.cut();
    await program.stop();
  });

  it("are told to whoever has a token, and refused where there is none", async () => {
    const client = made();
    await client.connect();
    const none = client.startAgent("run-nobody-made").completed;
    await expect(none).rejects.toMatchObject({ code: "Failed to start agent" });
    const refused = made({ token: `${token}x` }).connect();
    await expect(refused).rejects.toThrow("does not take the token");
  });

  it("are told to their end over an outage, every step once", async () => {
    const id = await makeRun();
    const client = made({ extended: true });
    await client.connect();
    const run = client.startAgent(id);
    const told: unknown[] = [];
    run.on("step", (step) => told.push([step.stepNumber, step.screenshot, step.action.type]));
    const lost = new Promise((resolve) => client.on("lost", resolve));
    agent.say({ type: "runBegan", run: id });
    await agent.takes(id, 1);
    await program.end("SIGKILL");
    await lost;
    await program.serve();
    agent = await PretendedAgent.link(program, agent.id, [id]);
    await agent.takes(id, 2);
    agent.say({
      type: "runEnded",
      run: id,
      outcome: "completed",
      answer: "bought",
      commands: [{ type: "back" }],
    });
    const completion = await run.completed;
    expect(completion).toMatchObject({ status: "success", finalAnswer: "bought" });
    expect(completion.commands).toEqual([{ type: "back" }]);
    expect(told).toEqual([
      [1, "/9j/4AEC", "click"],
      [2, "/9j/4AEC", "click"],
    ]);
    expect(client.activeRuns.size).toBe(0);
  });

  it("ask, and are answered, paused and cancelled", async () => {
    const id = await makeRun();
    const client = made({ extended: true });
    await client.connect();
    const run = client.startAgent(id);
    const becomes = (isIt: () => boolean) =>
      new Promise<void>((resolve) => {
        const off = run.on("status", () => {
          if (!isIt()) return;
          off();
          resolve();
        });
      });
    const asked = becomes(() => run.status?.waiting?.text === "Which size?");
    agent.say({ type: "runBegan", run: id });
    agent.say({ type: "runWaits", run: id, wait: "q-1", kind: "question", text: "Which size?" });
    await asked;
    const answered = becomes(() => run.status?.waiting === undefined);
    client.reply(id, "q-1", "42");
    await answered;
    await agent.hears("replyRun");
    const paused = becomes(() => run.status?.paused === true);
    client.pause(id);
    await paused;
    client.cancel(id, "enough");
    await agent.hears("cancelRun");
    agent.say({ type: "runEnded", run: id, outcome: "cancelled" });
    expect(await run.completed).toMatchObject({ status: "failed", error: "The run was cancelled" });
  });
});
