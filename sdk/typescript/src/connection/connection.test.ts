import { beforeEach, describe, expect, it, vi } from "vitest";
import {
  AwayError,
  ClosedError,
  GaveUpError,
  QueueFullError,
  SetupError,
  TokenRefusedError,
} from "../errors.js";
import { FakeServer, settle } from "../test/fakeServer.js";
import { BACKOFFS, type Backoff } from "./backoff.js";
import { Connection } from "./connection.js";
import { decoderOf } from "./decode.js";
import type { ConnectionOptions } from "./options.js";

interface Word {
  type: "word";
  text: string;
}

beforeEach(() => {
  vi.useFakeTimers();
  return () => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  };
});

function start(options: Partial<ConnectionOptions> = {}, backoff: Backoff = BACKOFFS.dashboard) {
  const server = new FakeServer();
  const connection: Connection<Word, Word> = new Connection<Word, Word>(
    { ...server.options, token: "a", ...options },
    {
      path: () => "/door",
      decode: decoderOf<Word>({ word: true }),
      encode: (word) => JSON.stringify(word),
      backoff,
      heartbeat: { everyMs: 30_000, deadAfterMs: 60_000, onlyInSilence: false },
      beat: () => connection.sendNow(word("beat")),
      isGreeting: (message) => message.text === "hello",
      mostWaiting: 2,
    },
  );
  const seen: string[] = [];
  connection.events.on("state", (state) => seen.push(state));
  connection.events.on("waiting", ({ waitMs }) => seen.push(`${waitMs} ms`));
  connection.events.on("closed", (error) => seen.push(error.name));
  const connected = connection.connect();
  connected.catch(() => {});
  return { server, connection, seen, connected };
}

const word = (text: string): Word => ({ type: "word", text });

async function opened(options: Partial<ConnectionOptions> = {}) {
  const all = start(options);
  const socket = await all.server.knocked(1);
  socket.accept();
  socket.say(word("hello"));
  await all.connected;
  return { ...all, socket };
}

describe("a connection", () => {
  it("is there when the server has greeted, with the token as a subprotocol", async () => {
    const { connection, connected, server, seen } = start();
    const socket = await server.knocked(1);
    expect([socket.url, socket.token]).toEqual(["ws://fake/door", "a"]);
    socket.accept();
    await settle();
    expect(connection.state).toBe("connecting");
    socket.say(word("hello"));
    await connected;
    expect(seen).toEqual(["connecting", "open"]);
  });

  it("tells messages, ignores what it does not know, and says so", async () => {
    const { connection, socket } = await opened();
    const told: unknown[] = [];
    connection.events.on("message", (message) => told.push(message.text));
    connection.events.on("unknown", (text) => told.push(text));
    socket.say(word("a"), { type: "hologram" });
    socket.sayText("no json");
    socket.sayText(new Uint8Array(3));
    expect(told).toEqual(["a", '{"type":"hologram"}', "no json"]);
  });

  it("comes back at once, then after 1, 2, 4, 8, 16, 30, 30 s, and offers a button after five failures", async () => {
    const { connection, server, socket, seen } = await opened();
    const offers: boolean[] = [];
    connection.events.on("waiting", ({ offersManual }) => offers.push(offersManual));
    await vi.advanceTimersByTimeAsync(5000);
    seen.length = 0;
    socket.end();
    for (const [at, wait] of [0, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000].entries()) {
      await vi.advanceTimersByTimeAsync(Math.max(0, wait - 1));
      expect(server.sockets.length).toBe(at + (wait === 0 ? 2 : 1));
      await vi.advanceTimersByTimeAsync(1);
      (await server.knocked(at + 2)).refuse();
    }
    expect(offers).toEqual([false, false, false, false, false, true, true, true, true]);
    expect(seen.slice(0, 5)).toEqual(["waiting", "0 ms", "connecting", "waiting", "1000 ms"]);
  });

  it("does not wait when a person or the browser says that it may work now", async () => {
    const listeners = new Map<string, () => void>();
    const signals: AbortSignal[] = [];
    vi.stubGlobal(
      "addEventListener",
      (name: string, listener: () => void, { signal }: { signal: AbortSignal }) => {
        listeners.set(name, listener);
        signals.push(signal);
      },
    );
    const { connection, server } = start();
    (await server.knocked(1)).refuse();
    (await server.knocked(2)).refuse();
    expect(connection.state).toBe("waiting");
    connection.reconnect();
    (await server.knocked(3)).refuse();
    listeners.get("online")?.();
    const socket = await server.knocked(4);
    socket.accept();
    socket.say(word("hello"));
    // An open connection is asked for a life sign instead: it may be dead since long.
    listeners.get("online")?.();
    expect(socket.heard).toEqual([word("beat")]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(connection.state).not.toBe("open");
    connection.dispose();
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
  });

  it("gives up an attempt that takes too long", async () => {
    const { server } = start({ connectTimeoutMs: 1000 });
    const socket = await server.knocked(1);
    socket.accept();
    await vi.advanceTimersByTimeAsync(1000);
    expect(socket.closedWith).toBe(4000);
    await server.knocked(2);
  });

  it("that held too briefly has not worked: waits go on where they were", async () => {
    const { server, socket, seen } = await opened();
    socket.end();
    const second = await server.knocked(2);
    second.accept();
    second.say(word("hello"));
    second.end();
    expect(seen.filter((line) => line.endsWith("ms"))).toEqual(["0 ms", "1000 ms"]);
  });

  it("is dead after a minute without a word", async () => {
    const { connection, socket } = await opened();
    await vi.advanceTimersByTimeAsync(59_999);
    expect([connection.state, socket.heard]).toEqual(["open", [word("beat")]]);
    await vi.advanceTimersByTimeAsync(1);
    expect([socket.closedWith, connection.state]).toEqual([4000, "waiting"]);
  });

  it("does not come back after codes that say so", async () => {
    for (const code of [1000, 1002, 1007, 1009, 4009]) {
      const { connection, socket } = await opened();
      socket.end(code, "so it is");
      expect(connection.state).toBe("closed");
      await expect(connection.connect()).rejects.toThrow(ClosedError);
      expect(() => connection.send(word("a"))).toThrow("so it is");
    }
  });

  it("comes back to a server that stops by chance, and to one in trouble not at once", async () => {
    for (const [code, wait] of [
      [1001, 1500],
      [1012, 1500],
      [1011, 1000],
      [1013, 1000],
      [4000, 0],
    ]) {
      const { socket, seen } = await opened();
      await vi.advanceTimersByTimeAsync(6000);
      socket.end(code);
      expect(seen.at(-1)).toBe(`${wait} ms`);
    }
  });

  it("on mission control comes back five times and no more, until it is told to", async () => {
    const { server, connection, connected, seen } = start({}, BACKOFFS.missionControl);
    for (let attempt = 1; attempt <= 6; attempt++) {
      (await server.knocked(attempt)).refuse();
      await vi.advanceTimersByTimeAsync(1000 * 2 ** (attempt - 1));
    }
    await expect(connected).rejects.toThrow(GaveUpError);
    expect(vi.getTimerCount()).toBe(0);
    expect(seen.filter((line) => line.endsWith("ms"))).toEqual(
      [1000, 2000, 4000, 8000, 16_000].map((wait) => `${wait} ms`),
    );
    connection.reconnect();
    const socket = await server.knocked(7);
    socket.accept();
    socket.say(word("hello"));
    expect(connection.state).toBe("open");
  });

  it("is over at once where it cannot work", async () => {
    for (const options of [
      { server: "no address" },
      { openSocket: undefined },
      { openSocket: undefined, tokenPlace: "header" },
    ] as const) {
      vi.stubGlobal("WebSocket", undefined);
      const { connected } = start(options);
      await expect(connected).rejects.toThrow(SetupError);
    }
  });

  it("tells nothing any more once it was disposed of", async () => {
    const { connection, server, socket, seen } = await opened();
    connection.dispose();
    expect(socket.closedWith).toBe(1000);
    socket.say(word("late"));
    socket.end();
    connection.reconnect();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(server.sockets.length).toBe(1);
    expect(seen).toEqual(["connecting", "open", "closed", "DisposedError"]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a token", () => {
  it("that has expired is replaced before coming back", async () => {
    const token = vi.fn((reason: string) => `for-${reason}`);
    const { socket, server } = await opened({ token });
    expect(socket.token).toBe("for-first");
    socket.end(4001, "token expired");
    expect((await server.knocked(2)).token).toBe("for-refused");
  });

  it("that may have been refused is replaced, since browsers do not tell", async () => {
    let count = 0;
    const { server } = start({ token: () => `t${++count}` });
    (await server.knocked(1)).refuse();
    expect((await server.knocked(2)).token).toBe("t2");
  });

  it("that is refused three times in a row is the end", async () => {
    const { server, connected } = start({ token: () => "always" });
    for (const attempt of [1, 2, 3]) {
      await vi.advanceTimersByTimeAsync(4000);
      (await server.knocked(attempt)).refuse(401);
    }
    await expect(connected).rejects.toThrow(TokenRefusedError);
  });

  it("that is only text and was refused is the end at once", async () => {
    for (const end of [1008, 4001]) {
      const { connection, socket } = await opened();
      socket.end(end, "token expired");
      await expect(connection.connect()).rejects.toThrow(TokenRefusedError);
    }
  });

  it("that cannot be had now is asked for again", async () => {
    const token = vi
      .fn()
      .mockRejectedValueOnce(new Error("the vault is sealed"))
      .mockReturnValue("b");
    const { server, connection } = start({ token });
    const reasons: string[] = [];
    connection.events.on("waiting", ({ reason }) => reasons.push(reason));
    await settle();
    expect((await server.knocked(1)).token).toBe("b");
    expect(reasons).toEqual(["the vault is sealed"]);
  });
});

describe("what is said without a connection", () => {
  it("waits, in order, up to its limit", async () => {
    const { connection, server } = start();
    expect([connection.send(word("a")), connection.send(word("b"))]).toEqual([false, false]);
    expect(() => connection.send(word("c"))).toThrow(QueueFullError);
    expect(() => connection.sendNow(word("now"))).toThrow(AwayError);
    const socket = await server.knocked(1);
    socket.accept();
    socket.say(word("hello"));
    expect(connection.send(word("d"))).toBe(true);
    expect(socket.heard).toEqual(["a", "b", "d"].map(word));
  });

  it("or the oldest gives way, if that was chosen", async () => {
    const { connection, server } = start({ overflow: "drop-oldest" });
    const dropped = vi.fn();
    connection.events.on("dropped", dropped);
    for (const text of ["a", "b", "c"]) connection.send(word(text));
    const socket = await server.knocked(1);
    socket.accept();
    socket.say(word("hello"));
    expect(dropped.mock.calls).toEqual([[word("a")]]);
    expect(socket.heard).toEqual(["b", "c"].map(word));
  });

  it("or that the network does not take is refused", async () => {
    const { connection, socket } = await opened();
    socket.bufferedAmount = 2 ** 30;
    expect(() => connection.send(word("a"))).toThrow(QueueFullError);
  });
});
