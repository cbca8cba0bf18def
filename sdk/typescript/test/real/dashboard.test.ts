import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  DashboardClient,
  type DashboardOptions,
  type OutputPiece,
  RejectedError,
} from "../../src/index.js";
import { openSocket, PROGRAM, Program, SOON } from "../program.js";

let program: Program;
let token: string;
const clients: DashboardClient[] = [];

function dashboard(options: Partial<DashboardOptions> = {}): DashboardClient {
  const client = new DashboardClient({
    server: program.url,
    token,
    openSocket,
    backoff: SOON,
    ...options,
  });
  clients.push(client);
  return client;
}

/** Resolves when a client says that something happened. */
const once = <Name extends Parameters<DashboardClient["on"]>[0]>(
  client: DashboardClient,
  name: Name,
) => new Promise<unknown>((resolve) => client.on(name, resolve));

describe.skipIf(PROGRAM === "")("a dashboard of the real server", () => {
  beforeAll(async () => {
    program = await Program.start();
    token = await program.token();
  });

  afterAll(async () => {
    for (const client of clients) client.dispose();
    await program.stop();
  });

  it("runs a command and knows its exit code", async () => {
    const client = dashboard();
    await client.connect();
    let text = "";
    const onOutput = (piece: OutputPiece) => {
      if (piece.kind === "output") text += `${piece.stream}:${piece.data}`;
    };
    const code = await client.run("build-1", "echo one; echo two >&2; exit 3", { onOutput });
    expect(code).toBe(3);
    expect(text).toContain("stdout:one\n");
    expect(text).toContain("stderr:two\n");
    expect(client.agents.get("build-1")?.capabilities).toContain("commands");
  });

  it("is told why a command is not run", async () => {
    const client = dashboard();
    await client.connect();
    const asked = client.start("nobody", "true");
    await expect(asked).rejects.toThrow(RejectedError);
    await expect(asked).rejects.toMatchObject({ code: "AGENT_NOT_FOUND" });
  });

  it("interrupts a command", async () => {
    const client = dashboard();
    await client.connect();
    const command = await client.start("build-1", "echo begun; sleep 600");
    for await (const piece of command) {
      if (piece.kind === "output" && piece.data.includes("begun")) command.interrupt("enough");
    }
    expect((await command.ended).status).toBe("interrupted");
  });

  it("sees every line once although the server is killed in the middle", async () => {
    const client = dashboard();
    await client.connect();
    const lines = 3000;
    const loop = `for n in $(seq ${lines}); do echo line-$n; [ $((n % 100)) = 0 ] && sleep 0.05; done; exit 7`;
    const command = await client.start("build-1", loop);
    let text = "";
    let kills = 0;
    for await (const piece of command) {
      expect(piece.kind).toBe("output");
      if (piece.kind === "output") text += piece.data;
      if (kills === 0 && text.includes("line-500\n")) {
        kills += 1;
        await program.end("SIGKILL");
        await program.serve();
      }
    }
    const expected = Array.from({ length: lines }, (_, n) => `line-${n + 1}\n`).join("");
    expect(text).toBe(expected);
    expect(await command.exitCode).toBe(7);
    expect(kills).toBe(1);
  });

  it("keeps what is asked for while the server is away, and tells how it went down", async () => {
    const client = dashboard({ mostWaiting: 1 });
    await client.connect();
    const lost = once(client, "lost");
    await program.end("SIGTERM");
    expect(await lost).toMatchObject({ code: 1001 });
    expect(client.state).toBe("RECONNECTING");
    const code = client.run("build-1", "exit 5");
    await expect(client.run("build-1", "exit 6")).rejects.toThrow("wait already");
    await program.serve();
    expect(await code).toBe(5);
  });

  it("shows a newer token before the present one ends", async () => {
    const reasons: string[] = [];
    const client = dashboard({
      token: async (reason) => {
        reasons.push(reason);
        return program.token("--expires", reason === "first" ? "3s" : "1h");
      },
    });
    await client.connect();
    const lost: unknown[] = [];
    client.on("lost", (loss) => lost.push(loss));
    // Commands are refused when the token of a connection has ended.
    expect(await client.run("build-1", "sleep 4; exit 9")).toBe(9);
    expect(await client.run("build-1", "exit 1")).toBe(1);
    expect(reasons).toEqual(["first", "expired"]);
    expect(lost).toEqual([]);
  });

  it("ends for good with a token that was revoked, or comes back with another one", async () => {
    const revoked = await program.token("--user", "ben");
    const client = dashboard({ token: revoked });
    const other = dashboard({
      // Another lifetime: two tokens of the same second would be the same.
      token: (reason) =>
        reason === "first" ? revoked : program.token("--user", "ben", "--expires", "2h"),
    });
    await Promise.all([client.connect(), other.connect()]);
    const closed = once(client, "closed");
    const lost = once(other, "lost");
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(revoked));
    const admin = await program.token("--user", "root", "--role", "admin");
    const answer = await fetch(
      `${program.url}/api/v1/credentials/${Buffer.from(digest).toString("hex")}`,
      { method: "DELETE", headers: { authorization: `Bearer ${admin}` } },
    );
    expect(answer.ok).toBe(true);
    expect(await closed).toMatchObject({ name: "TokenRefusedError" });
    await lost;
    await other.connect();
    expect(await other.run("build-1", "exit 2")).toBe(2);
  });
});
