// The real program for tests: a server with a data directory of its own, and agents. `PILOTHOUSE_BIN` names it.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { WebSocket } from "ws";
import type { OpenSocket } from "../src/index.js";

/** The program; tests that need it are left out where it is not named. */
export const PROGRAM = process.env.PILOTHOUSE_BIN ?? "";

/** What clients of the tests are opened with: Node has no WebSocket of its own before 22. */
export const openSocket: OpenSocket = (url, protocols, headers) =>
  new WebSocket(url, protocols, { headers });

/** Waits short enough for tests. */
export const SOON = { firstMs: 100, longestMs: 400 };

const run = promisify(execFile);

// What the machine's owner configured has nothing to do with tests.
const environment = (folder: string) => ({
  PATH: process.env.PATH,
  HOME: folder,
  PILOTHOUSE_CONFIG: "/dev/null",
  PILOTHOUSE_LOG: process.env.PILOTHOUSE_LOG ?? "error",
});

const ended = (child: ChildProcess) =>
  new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once("exit", () => resolve());
  });

/** A server, and the agents that were started for it. All end with `stop`. */
export class Program {
  #listen = "127.0.0.1:0";
  #server: ChildProcess | undefined;
  readonly #agents: ChildProcess[] = [];

  private constructor(readonly folder: string) {}

  /** Starts a server on a free port, and an agent that is linked to it. */
  static async start(...ofAgent: readonly string[]): Promise<Program> {
    const program = new Program(await mkdtemp(join(tmpdir(), "pilothouse-sdk-")));
    await program.serve();
    await program.agent("build-1", ...ofAgent);
    return program;
  }

  /** Where it listens. */
  get url(): string {
    return `http://${this.#listen}`;
  }

  /** Starts the server, always on the same port and data; resolves when it listens. */
  async serve(): Promise<void> {
    const data = join(this.folder, "server");
    const server = spawn(PROGRAM, ["serve", "--listen", this.#listen, "--data-dir", data], {
      env: environment(this.folder),
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#server = server;
    const line = await new Promise<string>((resolve, reject) => {
      server.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString()));
      server.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
    });
    this.#listen = /:\/\/([^/\s]+)/.exec(line)?.[1] ?? this.#listen;
    server.stdout.resume();
  }

  /** Ends the server with a signal, and waits until it has ended. */
  async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    this.#server?.kill(signal);
    if (this.#server !== undefined) await ended(this.#server);
  }

  /** Starts an agent, and waits until the server sees it. */
  async agent(id: string, ...more: readonly string[]): Promise<void> {
    const file = join(this.folder, `${id}.token`);
    await writeFile(file, await this.token("--agent", id));
    const data = join(this.folder, id);
    const link = ["--server", this.url.replace("http", "ws"), "--token-file", file];
    const agent = spawn(PROGRAM, ["agent", "--id", id, "--data-dir", data, ...link, ...more], {
      env: environment(this.folder),
      stdio: "ignore",
    });
    this.#agents.push(agent);
    await this.linked(id);
  }

  /** Resolves when the server sees an agent. */
  async linked(id: string): Promise<void> {
    const token = await this.token("--user", "probe");
    const isThere = async () => {
      const headers = { authorization: `Bearer ${token}` };
      const fleet = await fetch(`${this.url}/api/agents/${id}`, { headers });
      const status: unknown = await fleet.json();
      return JSON.stringify(status).includes('"online"');
    };
    // Nobody tells before there is a client.
    while (!(await isThere())) await new Promise((resolve) => setTimeout(resolve, 30));
  }

  /** A token, as `pilothouse token` prints it: for `ann` with the role operator unless the arguments say otherwise. */
  async token(...options: string[]): Promise<string> {
    const whose =
      options.includes("--agent") || options.includes("--user") ? [] : ["--user", "ann"];
    const data = join(this.folder, "server");
    const { stdout } = await run(PROGRAM, ["token", "--data-dir", data, ...whose, ...options], {
      env: environment(this.folder),
    });
    return stdout.trim();
  }

  /** Ends everything, and takes the data away. */
  async stop(): Promise<void> {
    for (const agent of this.#agents) agent.kill("SIGTERM");
    await Promise.all(this.#agents.map(ended));
    await this.end("SIGKILL");
    await rm(this.folder, { recursive: true, force: true });
  }
}
