// A live view against a server that does what the test says.

import { beforeEach, describe, expect, it, vi } from "vitest";
import { FakeServer, settle } from "../test/fakeServer.js";
import { control, status } from "../test/live.js";
import type { LiveOptions } from "./live/options.js";
import { decodeLive, decodeLiveBytes } from "./live/pictures.js";
import { LiveClient } from "./live.js";

const JPEG = Uint8Array.of(0xff, 0xd8, 0xff, 1, 2, 3);
const METADATA = { deviceWidth: 1280, deviceHeight: 720 };

/** A picture as the server sends it to whoever asked for bytes. */
function binary(header: object, bytes = JPEG): ArrayBuffer {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const message = new Uint8Array(4 + text.length + bytes.length);
  new DataView(message.buffer).setUint32(0, text.length, true);
  message.set(text, 4);
  message.set(bytes, 4 + text.length);
  return message.buffer;
}

const frame = (seq: number) =>
  binary({ type: "frame", sessionId: "s1", timestamp: 5, seq, metadata: METADATA });

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

async function connected(more: Partial<LiveOptions> = {}) {
  const server = new FakeServer();
  const client = new LiveClient({ ...server.options, sessionId: "s1", token: "t", ...more });
  const opened = client.connect();
  const socket = await server.knocked(1);
  socket.accept();
  await opened;
  return { server, client, socket };
}

describe("a picture", () => {
  it("is the same as text and as bytes", () => {
    const header = { type: "frame", sessionId: "s1", timestamp: 5.5 };
    const data = btoa(String.fromCharCode(...JPEG));
    const asText = decodeLive(JSON.stringify({ ...header, data }));
    const asBytes = decodeLiveBytes(new Uint8Array(binary(header)));
    const picture = { sessionId: "s1", bytes: JPEG, mime: "image/jpeg", timestamp: 5.5 };
    expect(asText).toEqual({ type: "frame", picture });
    expect(asBytes).toEqual({ type: "frame", picture });
  });

  it("is what its bytes are, whatever is said, and has what it is aimed by", () => {
    const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47);
    const header = {
      type: "frame",
      sessionId: "s1",
      mime: "image/jpeg",
      seq: 7,
      metadata: METADATA,
    };
    expect(decodeLiveBytes(new Uint8Array(binary(header, png)))).toMatchObject({
      picture: { mime: "image/png", seq: 7, metadata: METADATA, timestamp: null },
    });
  });

  it.each([
    ["a header that is longer than the message", Uint8Array.of(255, 255, 0, 0, 1)],
    ["less than a length", Uint8Array.of(1, 0)],
    ["no JSON", Uint8Array.of(2, 0, 0, 0, 0x7b, 0x7b, 1)],
    ["no bytes", new Uint8Array(binary({ type: "frame", sessionId: "s1" }, new Uint8Array()))],
    ["another type", new Uint8Array(binary({ type: "cursor", sessionId: "s1" }))],
  ])("is none with %s", (_, bytes) => {
    expect(decodeLiveBytes(bytes)).toBeUndefined();
  });

  it.each([['{"type":"frame","sessionId":"s1","data":"***"}'], ['{"type":"frame","data":"AAAA"}']])(
    "is none with %s",
    (text) => {
      expect(decodeLive(text)).toBeUndefined();
    },
  );

  it("without the size of its page has none that could be aimed by", () => {
    const metadata = { deviceWidth: 0, deviceHeight: 720 };
    const header = { type: "frame", sessionId: "s1", seq: 1, metadata };
    const message = decodeLiveBytes(new Uint8Array(binary(header)));
    expect(message).toMatchObject({ picture: { seq: 1 } });
    expect(message).not.toHaveProperty("picture.metadata");
  });
});

describe("a live view", () => {
  it("says in its address what it wants, and after a loss what it wants by then", async () => {
    const { server, client, socket } = await connected({ maxFps: 2 });
    expect(socket.url).toBe("ws://fake/ws/view/s1?binary=1&events=1&pacing=ack&maxFps=2");
    expect(socket.token).toBe("t");
    client.setMaxFps(30);
    client.setPacing("none");
    expect(socket.heard).toEqual([
      { type: "config", maxFps: 30 },
      { type: "config", pacing: "none" },
    ]);
    socket.end();
    await vi.advanceTimersByTimeAsync(1000);
    const next = await server.knocked(2);
    expect(next.url).toBe("ws://fake/ws/view/s1?binary=1&events=1&maxFps=30");
  });

  it("can be as plain as the seed, and can play a recording", async () => {
    const plain = { binary: false, events: false, pacing: "none" } as const;
    expect((await connected(plain)).socket.url).toBe("ws://fake/ws/view/s1");
    const replay = { ...plain, replay: { recording: "rec-1", speed: 4 } };
    expect((await connected(replay)).socket.url).toBe("ws://fake/ws/view/s1?replay=rec-1&speed=4");
  });

  it("acknowledges a picture when it was told, or when its user says so", async () => {
    const { client, socket } = await connected();
    const told: (number | undefined)[] = [];
    client.on("picture", ({ seq }) => told.push(seq, socket.heard.length));
    socket.sayText(frame(3));
    expect(told).toEqual([3, 0]);
    expect(socket.heard).toEqual([{ type: "ack", seq: 3 }]);
    const byHand = await connected({ acknowledgesByHand: true });
    byHand.socket.sayText(frame(4));
    expect(byHand.socket.heard).toEqual([]);
    const { picture } = byHand.client;
    if (picture !== undefined) byHand.client.acknowledge(picture);
    expect(byHand.socket.heard).toEqual([{ type: "ack", seq: 4 }]);
  });

  it("tells what is said beside pictures, and nothing of what it does not know", async () => {
    const { client, socket } = await connected();
    const told: unknown[] = [];
    for (const name of ["status", "tabs", "watchers", "control", "clipboard", "refused"] as const) {
      client.on(name, (event: unknown) => told.push([name, event]));
    }
    client.on("unknown", (text) => told.push(["unknown", text]));
    const tab = { id: "1", title: "One", url: "https://one.test/", active: true };
    socket.say(
      status({ url: "https://one.test/" }),
      { type: "tabs", tabs: [tab] },
      { type: "watchers", watchers: [{ name: "ann", role: "admin", connections: 2 }] },
      control({ you: true }),
      { type: "clipboard", text: "copied" },
      { type: "error", code: "NOT_IN_CONTROL", message: "ben steers" },
      { type: "cursor" },
    );
    expect(told).toEqual([
      ["status", { sessionId: "s1", live: true, recording: false, url: "https://one.test/" }],
      ["tabs", [tab]],
      ["watchers", [{ name: "ann", role: "admin", connections: 2 }]],
      ["control", expect.objectContaining({ you: true, epoch: 1 })],
      ["clipboard", "copied"],
      ["refused", { code: "NOT_IN_CONTROL", message: "ben steers" }],
      ["unknown", '{"type":"cursor"}'],
    ]);
    expect(client.control?.you).toBe(true);
  });

  it("aims clicks at the picture that is shown", async () => {
    const { client, socket } = await connected({ pacing: "none" });
    socket.sayText(frame(9));
    expect(client.click(10, 20.5)).toBe(true);
    const at = { type: "input_mouse", x: 10, y: 20.5, seq: 9 };
    expect(socket.heard).toEqual([
      { ...at, eventType: "mouseMoved" },
      { ...at, eventType: "mousePressed", button: "left", clickCount: 1 },
      { ...at, eventType: "mouseReleased", button: "left", clickCount: 1 },
    ]);
  });

  it("types letters as such, and line ends as the key", async () => {
    const { client, socket } = await connected({ pacing: "none" });
    client.type("é\n");
    expect(socket.heard).toEqual([
      { type: "input_keyboard", eventType: "char", text: "é" },
      { type: "input_keyboard", eventType: "keyDown", key: "Enter", code: "Enter", text: "\r" },
      { type: "input_keyboard", eventType: "keyUp", key: "Enter", code: "Enter" },
    ]);
  });

  it("asks for control, gives it away, and keeps nothing for later", async () => {
    const { client, socket } = await connected();
    client.requestControl();
    client.renewControl();
    client.grantControl("w1");
    client.declineControl("w2");
    client.releaseControl();
    client.takeControl();
    expect(socket.heard).toEqual(
      [
        { action: "request" },
        { action: "renew" },
        { action: "grant", id: "w1" },
        { action: "decline", id: "w2" },
        { action: "release" },
        { action: "take" },
      ].map((asked) => ({ type: "control", ...asked })),
    );
    socket.say(control({ you: true }));
    socket.end();
    expect([client.click(1, 1), client.requestControl(), client.control]).toEqual([
      false,
      false,
      undefined,
    ]);
  });

  it("tells when what it shows is old, why and since when", async () => {
    vi.setSystemTime(1000);
    const { server, client, socket } = await connected();
    const told: unknown[] = [];
    client.on("stale", (stale) => told.push(stale));
    expect(client.stale).toBeUndefined();
    vi.setSystemTime(2000);
    socket.say(status({ live: false, reason: "the agent is away" }));
    socket.say(status({ live: false, reason: "the agent is away" }));
    vi.setSystemTime(3000);
    socket.end(1006, "the network is gone");
    await vi.advanceTimersByTimeAsync(1000);
    (await server.knocked(2)).accept();
    expect(told).toEqual([
      { since: 2000, cause: "stream", reason: "the agent is away" },
      { since: 3000, cause: "connection", reason: "the network is gone" },
      expect.objectContaining({ cause: "stream" }),
    ]);
    (await server.knocked(2)).say(status());
    expect(client.stale).toBeUndefined();
  });

  it("asks how things are when nothing moves for long, and comes back when nobody answers", async () => {
    const { client, socket } = await connected();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(socket.heard).toEqual([{ type: "status" }]);
    socket.say(status());
    await vi.advanceTimersByTimeAsync(60_000);
    await settle();
    expect([client.state, socket.heard.length]).toEqual(["open", 2]);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(client.state).toBe("waiting");
  });

  it("is patient where nothing is answered", async () => {
    const { client, socket } = await connected({ events: false });
    await vi.advanceTimersByTimeAsync(600_000);
    expect([client.state, socket.heard]).toEqual(["open", []]);
  });
});
