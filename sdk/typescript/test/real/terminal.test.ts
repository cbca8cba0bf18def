import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  commandOutput,
  GoneError,
  type Loss,
  RestClient,
  RestError,
  SessionsClient,
  type Shown,
  WorkerClient,
  type WorkerOptions,
} from "../../src/index.js";
import { openSocket, PROGRAM, Program, SOON } from "../program.js";

let program: Program;
let token: string;
let rest: RestClient;
const clients: { dispose(): void }[] = [];

const kept = <Client extends { dispose(): void }>(client: Client): Client => {
  clients.push(client);
  return client;
};

/** Resolves when a client loses its connection. */
const loss = (client: { on(name: "lost", listener: (event: Loss) => void): unknown }) =>
  new Promise<Loss>((resolve) => client.on("lost", resolve));

/** Resolves when a client was told everything anew. */
const sync = (client: SessionsClient) =>
  new Promise<unknown>((resolve) => client.on("sync", resolve));

/** A shell in a session of its own. */
async function shell(): Promise<{ sessionId: string; workerId: string }> {
  await program.linked("build-1");
  const body = { type: "quick", locationPath: program.folder };
  const { session } = await rest.call("POST /api/sessions", { body });
  const { worker } = await rest.call("POST /api/sessions/{session}/workers", {
    path: { session: session.id },
    body: { type: "terminal" },
  });
  return { sessionId: session.id, workerId: worker.id };
}

/** A viewer that keeps what its terminal was told to show. */
class Screen {
  text = "";
  begun = 0;
  readonly client: WorkerClient;
  #waiting: { isThere: (text: string) => boolean; resolve: () => void }[] = [];

  constructor(options: Pick<WorkerOptions, "sessionId" | "workerId"> & Partial<WorkerOptions>) {
    const all = { server: program.url, token, openSocket, backoff: SOON, ...options };
    this.client = kept(new WorkerClient(all));
    this.client.on("output", (shown) => this.#show(shown));
  }

  /** Resolves when the text has what is wanted. */
  has(wanted: string): Promise<void> {
    const isThere = (text: string) => text.includes(wanted);
    if (isThere(this.text)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ isThere, resolve }));
  }

  #show({ data, replaces }: Shown): void {
    if (replaces) this.begun += 1;
    this.text = replaces ? data : this.text + data;
    for (const { isThere, resolve } of this.#waiting) if (isThere(this.text)) resolve();
    this.#waiting = this.#waiting.filter(({ isThere }) => !isThere(this.text));
  }
}

describe.skipIf(PROGRAM === "")("a terminal of the real server", () => {
  beforeAll(async () => {
    program = await Program.start();
    token = await program.token();
    rest = new RestClient({ server: program.url, token });
  });

  afterAll(async () => {
    for (const client of clients) client.dispose();
    await program.stop();
  });

  it("is typed into, has a size, and tells its end once", async () => {
    const screen = new Screen(await shell());
    screen.client.resize(91, 27);
    await screen.client.connect();
    const exits: unknown[] = [];
    const ended = new Promise<void>((resolve) => {
      screen.client.on("exit", (exit) => {
        exits.push(exit);
        resolve();
      });
    });
    screen.client.input("stty size; echo $((6 * 7))-there\r");
    await screen.has("27 91");
    await screen.has("42-there");
    const range = await screen.client.historyRange(0, 1 << 20);
    expect(range.data).toContain("42-there");
    screen.client.input("exit 3\r");
    await ended;
    const lost = loss(screen.client);
    await program.end("SIGTERM");
    await lost;
    const again = screen.client.connect();
    await program.serve();
    await again;
    await screen.client.historyRange(0, 0);
    expect(exits).toEqual([{ exitCode: 3, signal: null }]);
  });

  it("in a flood shows every byte once although the server is killed twice", async () => {
    const place = await shell();
    const screen = new Screen(place);
    await screen.client.connect();
    const [blocks, lines] = [60, 2000];
    const flood = `for b in $(seq 0 ${blocks - 1}); do seq $((b * ${lines} + 1)) $(((b + 1) * ${lines})); sleep 0.05; done`;
    screen.client.input(`stty -echo; PS1=; echo be''gin; ${flood}; echo e''nd\r`);
    for (const mark of ["\n20000\r", "\n70000\r"]) {
      await screen.has(mark);
      const lost = loss(screen.client);
      await program.end("SIGKILL");
      await lost;
      expect(screen.text).not.toContain("\nend\r");
      await program.serve();
    }
    await screen.has("\nend\r");
    const seen = screen.text.slice(screen.text.indexOf("\n1\r"), screen.text.indexOf("\nend\r"));
    const wanted = Array.from({ length: blocks * lines }, (_, n) => `\n${n + 1}\r`).join("");
    expect(seen === wanted).toBe(true);
    expect(screen.begun).toBe(1);
    // Who comes to it later is shown the same.
    const { epoch, offset } = screen.client.place ?? { epoch: 0, offset: 0 };
    expect([epoch > 0, offset > seen.length]).toEqual([true, true]);
  });

  it("comes back with another token when its own has ended", async () => {
    let count = 0;
    const screen = new Screen({
      ...(await shell()),
      token: () => program.token("--expires", count++ === 0 ? "2s" : "1h"),
    });
    const lost = loss(screen.client);
    await screen.client.connect();
    expect(await lost).toMatchObject({ code: 4001 });
    await screen.client.connect();
    screen.client.input("echo again-$((1 + 1))\r");
    await screen.has("again-2");
    expect([count, screen.begun]).toEqual([2, 1]);
  });

  it("goes on with a worker that was restarted, from its beginning", async () => {
    const place = await shell();
    const screen = new Screen(place);
    await screen.client.connect();
    screen.client.input("echo old-$((1 + 1))\r");
    await screen.has("old-2");
    const { sessionId: session, workerId: worker } = place;
    const path = { session, worker };
    const lost = loss(screen.client);
    await rest.call("POST /api/sessions/{session}/workers/{worker}/restart", { path, body: {} });
    await lost;
    await screen.client.connect();
    screen.client.input("echo young-$((1 + 1))\r");
    await screen.has("young-2");
    expect(screen.text).not.toContain("old-2");
  });

  it("that is not there is said to be gone", async () => {
    const { sessionId } = await shell();
    const screen = new Screen({ sessionId, workerId: "wrk-none" });
    await expect(screen.client.connect()).rejects.toThrow(GoneError);
  });

  it("sessions are told as they come and go, and after a restart of the server", async () => {
    const sessions = kept(
      new SessionsClient({ server: program.url, token, openSocket, backoff: SOON }),
    );
    await sessions.connect();
    const told: string[] = [];
    const deleted = new Promise<string>((resolve) => {
      sessions.on("created", ({ id }) => told.push(id));
      sessions.on("deleted", resolve);
    });
    const { sessionId } = await shell();
    await rest.call("DELETE /api/sessions/{session}", { path: { session: sessionId } });
    expect(await deleted).toBe(sessionId);
    expect(told).toEqual([sessionId]);
    const lost = loss(sessions);
    await program.end("SIGTERM");
    expect(await lost).toMatchObject({ code: 1012 });
    const synced = sync(sessions);
    await program.serve();
    await synced;
    const syncedAgain = sync(sessions);
    sessions.requestSync();
    await syncedAgain;
    expect(sessions.sessions.has(sessionId)).toBe(false);
    expect(sessions.sessions.size).toBeGreaterThan(0);
  });

  it("REST refuses in one way, whichever family is asked", async () => {
    const path = { session: "ses-none" };
    const missing = rest.call("GET /api/sessions/{session}", { path });
    await expect(missing).rejects.toMatchObject({ name: "RestError", status: 404 });
    const agent = rest.call("GET /api/agents/{agent}", { path: { agent: "none" } });
    await expect(agent).rejects.toMatchObject({ status: 404, code: "AGENT_NOT_FOUND" });
    await expect(rest.call("GET /api/v1/users")).rejects.toThrow(RestError);
    await expect(rest.call("GET /api/v1/users")).rejects.toMatchObject({ status: 403 });
    const nobody = new RestClient({ server: program.url, token: "none" });
    await expect(nobody.call("GET /api/agents")).rejects.toMatchObject({ status: 401 });
  });

  it("REST does once what is sent again under the same key", async () => {
    await program.linked("build-1");
    const body = { agentId: "build-1", command: "exit 4" };
    const call = { body, idempotencyKey: "once-1" };
    const first = await rest.call("POST /api/v1/commands", call);
    expect((await rest.call("POST /api/v1/commands", call)).id).toBe(first.id);
    expect((await rest.call("POST /api/v1/commands", { body })).id).not.toBe(first.id);
    const pages = [];
    for await (const { id } of rest.items("GET /api/v1/commands", "commands", {
      query: { agentId: "build-1", limit: 1 },
    })) {
      pages.push(id);
    }
    expect(pages.length).toBe(2);
  });

  it("REST reads what a command writes while it writes it", async () => {
    const { id } = await rest.call("POST /api/v1/commands", {
      body: { agentId: "build-1", command: "for i in 1 2 3; do echo line $i; sleep 0.1; done" },
    });
    let text = "";
    for await (const piece of commandOutput(rest, id, { waits: true })) {
      if (piece.kind === "output") text += piece.text;
    }
    expect(text).toBe("line 1\nline 2\nline 3\n");
  });

  it("REST reads all pages of the audit", async () => {
    const admin = await program.token("--user", "root", "--role", "admin");
    const all = new RestClient({ server: program.url, token: admin });
    const query = { to: new Date().toISOString() };
    const { records } = await all.call("GET /api/v1/audit", { query: { ...query, limit: 1000 } });
    const ids = [];
    for await (const { id } of all.items("GET /api/v1/audit", "records", {
      query: { ...query, limit: 3 },
    })) {
      ids.push(id);
    }
    expect(ids.length).toBeGreaterThan(10);
    expect(ids).toEqual(records.map(({ id }) => id));
  });
});
