// The control plane of the real server: tasks of a real agent, before and after an outage.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ControlClient, type ControlEvents, RestClient } from "../../src/index.js";
import { openSocket, PROGRAM, Program, SOON } from "../program.js";

let program: Program;
let token: string;
let rest: RestClient;
let session: string;
const clients: ControlClient[] = [];

function made(more: { readonly token?: string } = {}): ControlClient {
  const plan = { server: program.url, agentId: "build-1", openSocket, backoff: SOON };
  const client = new ControlClient({ ...plan, token, ...more });
  clients.push(client);
  return client;
}

/** Resolves with the first event for which `isIt` holds. */
function next<Name extends keyof ControlEvents>(
  client: ControlClient,
  name: Name,
  isIt: (event: ControlEvents[Name]) => boolean,
): Promise<ControlEvents[Name]> {
  return new Promise((resolve) => {
    const off = client.on(name, (event) => {
      if (!isIt(event)) return;
      off();
      resolve(event);
    });
  });
}

const run = (command: string) =>
  rest.call("POST /api/v1/commands", { body: { agentId: "build-1", command } });

describe.skipIf(PROGRAM === "")("the control plane of the real server", () => {
  beforeAll(async () => {
    program = await Program.start();
    token = await program.token();
    rest = new RestClient({ server: program.url, token });
    const body = { type: "quick", locationPath: program.folder };
    session = (await rest.call("POST /api/sessions", { body })).session.id;
  });

  afterAll(async () => {
    for (const client of clients) client.dispose();
    await program.stop();
  });

  it("takes the token in the first message, and no wrong one", async () => {
    await made().connect();
    const refused = made({ token: `${token}x` }).connect();
    await expect(refused).rejects.toThrow("does not take the token");
  });

  it("tells how tasks and the session are, and refuses what is not there", async () => {
    const client = made();
    const told = next(client, "session", ({ sessionId }) => sessionId === session);
    await client.connect();
    expect(await told).toMatchObject({ agentId: "build-1", isActive: true });
    await client.subscribe("SESSION", session);
    await expect(client.subscribe("SESSION", "ses-nowhere")).rejects.toMatchObject({
      name: "RejectedError",
    });
    const said = next(client, "logs", ({ logs }) => logs.includes("hello"));
    const ended = next(client, "task", ({ status }) => status === "COMPLETED");
    await run("echo hello");
    expect([(await said).taskId, (await said).logLevel]).toEqual([(await ended).taskId, "info"]);
    const failed = next(client, "task", ({ status }) => status === "FAILED");
    await run("exit 3");
    expect(await failed).toMatchObject({ agentId: "build-1" });
    client.dispose();
  });

  it("is subscribed to again after an outage", async () => {
    const client = made();
    await client.connect();
    await client.subscribe("AGENT", "build-1");
    const lost = next(client, "lost", () => true);
    await program.end("SIGKILL");
    await lost;
    await program.serve();
    await program.linked("build-1");
    const ended = next(client, "task", ({ status }) => status === "COMPLETED");
    await client.connect();
    await run("true");
    expect(await ended).toMatchObject({ agentId: "build-1" });
  });
});
