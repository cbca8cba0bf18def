import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type ConnectionOptions,
  DashboardClient,
  MissionControlClient,
  type missionControl,
  type rest,
  SessionsClient,
} from "../../src/index.js";
import { openSocket, PROGRAM, Program, SOON } from "../program.js";

let program: Program;
let token: string;
const clients: { dispose(): void }[] = [];

const kept = <Client extends { dispose(): void }>(client: Client): Client => {
  clients.push(client);
  return client;
};

describe.skipIf(PROGRAM === "")("the doors of the real server", () => {
  beforeAll(async () => {
    program = await Program.start();
    token = await program.token("--role", "viewer");
  });

  afterAll(async () => {
    for (const client of clients) client.dispose();
    await program.stop();
  });

  it("take the token wherever it is shown, and no wrong one", async () => {
    for (const Client of [DashboardClient, MissionControlClient, SessionsClient]) {
      const all: ConnectionOptions = { server: program.url, openSocket, token };
      for (const tokenPlace of ["subprotocol", "header", "query"] as const) {
        await kept(new Client({ ...all, tokenPlace })).connect();
      }
      const refused = kept(new Client({ ...all, token: `${token}x` })).connect();
      await expect(refused).rejects.toThrow("does not take the token");
    }
  });

  it("mission control tells the state with every connection, and what is said", async () => {
    const mission = kept(
      new MissionControlClient({ server: program.url, token, openSocket, backoff: SOON }),
    );
    const fleets: rest.MissionAgent[][] = [];
    const said: missionControl.SessionActivity[] = [];
    let look = () => {};
    mission.on("agents", (agents) => {
      fleets.push([...agents]);
      look();
    });
    mission.on("activity", (activity) => {
      said.push(activity);
      look();
    });
    const until = (isThere: () => boolean) =>
      new Promise<void>((resolve) => {
        look = () => isThere() && resolve();
        look();
      });
    await mission.connect();
    await until(() => fleets.length === 1);
    expect(fleets[0]?.map(({ id, status }) => `${id} ${status}`)).toEqual(["build-1 online"]);
    const operator = kept(
      new DashboardClient({ server: program.url, token: await program.token(), openSocket }),
    );
    await operator.connect();
    await operator.run("build-1", "echo the last line");
    await until(() => said.length > 0);
    expect(said[0]).toMatchObject({ agentId: "build-1", lastMessage: "the last line" });
    const lost = new Promise<unknown>((resolve) => mission.on("lost", resolve));
    await program.end("SIGTERM");
    expect(await lost).toMatchObject({ code: 1001 });
    await program.serve();
    await until(() => fleets.length === 2);
  });

  it("a viewer sees everything and is refused to do anything", async () => {
    const viewer = kept(new DashboardClient({ server: program.url, token, openSocket }));
    await viewer.connect();
    await expect(viewer.run("build-1", "true")).rejects.toMatchObject({ code: "FORBIDDEN" });
  });
});
