// Browsers on a real agent, over the real server: watched, steered by one at a time, recorded.

import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import {
  LiveClient,
  type LiveControl,
  type LiveEvents,
  type LiveOptions,
  type LivePicture,
  RestClient,
} from "../../src/index.js";
import { openSocket, PROGRAM, Program, SOON } from "../program.js";
import { Site } from "../site.js";

const CHROMIUM = process.env.CHROMIUM_BIN ?? "/usr/bin/chromium";

let program: Program;
let site: Site;
let rest: RestClient;
let session: string;
const clients: LiveClient[] = [];

/** A viewer of the session's browser, who is ended with the tests. */
async function watching(user: string, more: Partial<LiveOptions> = {}, role = "operator") {
  const token = await program.token("--user", user, "--role", role);
  const plan = { server: program.url, token, sessionId: session, openSocket, backoff: SOON };
  const client = new LiveClient({ ...plan, ...more });
  clients.push(client);
  return client;
}

/** Resolves with the first event for which `isIt` holds. */
function next<Name extends keyof LiveEvents>(
  client: LiveClient,
  name: Name,
  isIt: (event: LiveEvents[Name]) => boolean = () => true,
): Promise<LiveEvents[Name]> {
  return new Promise((resolve) => {
    const off = client.on(name, (event) => {
      if (!isIt(event)) return;
      off();
      resolve(event);
    });
  });
}

/** Resolves when a client steers. */
async function steers(client: LiveClient): Promise<void> {
  const mine = next(client, "control", ({ you }) => you);
  client.requestControl();
  await mine;
}

const aimed = (picture: LivePicture) => picture.metadata !== undefined && picture.seq !== undefined;

describe.skipIf(PROGRAM === "" || !existsSync(CHROMIUM))("a browser", { timeout: 60_000 }, () => {
  beforeAll(async () => {
    program = await Program.start("--browser-allow", "loopback");
    site = await Site.open();
    rest = new RestClient({ server: program.url, token: await program.token() });
    const body = { type: "quick", locationPath: program.folder };
    session = (await rest.call("POST /api/sessions", { body })).session.id;
    const path = { session };
    await rest.call("POST /api/v1/sessions/{session}/browser", {
      path,
      body: { url: site.url, width: 800, height: 600 },
    });
  }, 60_000);

  afterAll(async () => {
    for (const client of clients) client.dispose();
    await program.stop();
    await site.close();
  });

  it("is seen, and clicked where it was aimed", async () => {
    const ann = await watching("ann");
    const first = next(ann, "picture", aimed);
    await ann.connect();
    const picture = await first;
    expect(picture.metadata).toMatchObject({ deviceWidth: 800, deviceHeight: 600 });
    expect([...picture.bytes.subarray(0, 2)]).toEqual([0xff, 0xd8]);
    await steers(ann);
    const clicked = site.done(({ kind }) => kind === "click");
    const changed = next(ann, "picture", ({ seq }) => (seq ?? 0) > (picture.seq ?? 0));
    expect(ann.click(400, 100)).toBe(true);
    expect(await clicked).toMatchObject({ x: 400, y: 100 });
    await changed;
    ann.releaseControl();
    await next(ann, "control", ({ holder }) => holder === null);
  });

  it("takes what is typed and pasted", async () => {
    const ann = await watching("ann");
    // The page stands still, so there may be one picture only, and at once.
    const first = next(ann, "picture", aimed);
    await ann.connect();
    await first;
    await steers(ann);
    ann.click(300, 220);
    ann.type("né");
    await site.done(({ kind, text }) => kind === "input" && text === "né");
    ann.paste(" und mehr");
    await site.done(({ kind, text }) => kind === "input" && text === "né und mehr");
    ann.press("Enter");
    await site.done(({ kind, text }) => kind === "key" && text === "Enter");
    ann.dispose();
  });

  it("is steered by one at a time; the other asks, and is handed it", async () => {
    const [ann, ben] = [await watching("ann"), await watching("ben")];
    await Promise.all([ann.connect(), ben.connect()]);
    await steers(ann);
    const asked = next(ann, "control", ({ waiting }) => waiting.length > 0);
    ben.requestControl();
    const { waiting }: LiveControl = await asked;
    expect(waiting).toMatchObject([{ name: "ben" }]);
    const refused = next(ben, "refused");
    ben.click(10, 10);
    expect(await refused).toMatchObject({ code: "NOT_IN_CONTROL" });
    const handed = next(ben, "control", ({ you }) => you);
    ann.grantControl(waiting[0]?.id ?? "");
    expect((await handed).holder?.name).toBe("ben");
    const before = site.deeds.length;
    ben.click(50, 60);
    await site.done(({ kind, x }) => kind === "click" && x === 50, before);
    ben.dispose();
    ann.dispose();
  });

  it("is not hit by a click at a picture from before its page had another size", async () => {
    const ann = await watching("ann");
    const first = next(ann, "picture", aimed);
    await ann.connect();
    const old = await first;
    await steers(ann);
    const smaller = next(ann, "picture", ({ metadata }) => metadata?.deviceWidth === 500);
    ann.resize(500, 400);
    const shown = await smaller;
    const before = site.deeds.length;
    ann.click(30, 30, old);
    ann.click(40, 40, shown);
    await site.done(({ kind, x }) => kind === "click" && x === 40, before);
    expect(site.deeds.slice(before).filter(({ kind }) => kind === "click")).toHaveLength(1);
    ann.resize(800, 600);
    await next(ann, "picture", ({ metadata }) => metadata?.deviceWidth === 800);
    ann.dispose();
  });

  it("is not steered by somebody who may only watch", async () => {
    const vera = await watching("vera", {}, "viewer");
    const told = next(vera, "control");
    await vera.connect();
    expect((await told).mayRequest).toBe(false);
    vera.dispose();
  });

  it("is seen by the simplest viewer as the simplest messages", async () => {
    const token = await program.token("--user", "ann");
    const door = `${program.url.replace("http", "ws")}/ws/view/${session}?token=${token}`;
    const socket = new WebSocket(door);
    const message = await new Promise<unknown>((resolve) =>
      socket.once("message", (data, isBinary) => resolve(isBinary || JSON.parse(String(data)))),
    );
    expect(Object.keys(Object(message)).sort()).toEqual(["data", "sessionId", "timestamp", "type"]);
    socket.close();
  });

  it("is recorded, and the recording is played", async () => {
    const path = { session };
    const ann = await watching("ann");
    const first = next(ann, "picture", aimed);
    await ann.connect();
    await first;
    const { recording } = await rest.call("POST /api/v1/sessions/{session}/recordings", { path });
    await steers(ann);
    // A page looks another way at another size, whatever is on it.
    const changed = next(ann, "picture", ({ metadata }) => metadata?.deviceWidth === 640);
    ann.resize(640, 480);
    await changed;
    const route = "POST /api/v1/sessions/{session}/recordings/{recording}/stop";
    const one = { session, recording: recording.id };
    await rest.call(route, { path: one });
    const index = await rest.call("GET /api/v1/sessions/{session}/recordings/{recording}", {
      path: one,
    });
    expect(index.pictures.length).toBeGreaterThan(0);
    const player = await watching("ann", { replay: { recording: recording.id, speed: 16 } });
    const played = next(player, "picture");
    await player.connect();
    expect((await played).bytes.length).toBe(index.pictures[0]?.bytes);
    await rest.call("DELETE /api/v1/sessions/{session}/recordings/{recording}", { path: one });
    ann.dispose();
  });
});
