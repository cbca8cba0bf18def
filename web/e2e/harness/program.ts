// The real program under the page: a server with data of its own on a free port, people, and real agents.
import { type ChildProcess, execFile, execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { RestClient } from "pilothouse-client";
import { end, printed, start } from "./children";
import { FrontDoor } from "./frontDoor";
import { PROGRAM } from "./places";

const run = promisify(execFile);

/** What somebody may do. */
export type Role = "viewer" | "operator" | "admin";

/** What differs from a server as it comes, such as `{"agents.lost_after": "2s"}`. */
export type Settings = Readonly<Record<string, string>>;

/** A server, and the agents that were started for it. All end with `stop`. */
export class Program {
  #listen = "127.0.0.1:0";
  #server: ChildProcess | undefined;
  #door: FrontDoor | undefined;
  #hasLocalAgent = false;
  readonly #agents = new Map<string, ChildProcess>();

  private constructor(
    private readonly folder: string,
    private readonly settings: Settings,
    /** The home of whoever the agents run as. */
    readonly home: string,
  ) {}

  /** Puts a program into a folder of its own; nothing runs yet. */
  static async prepare(settings: Settings = {}, home?: string): Promise<Program> {
    const folder = await mkdtemp(join(tmpdir(), "pilothouse-e2e-"));
    return new Program(folder, settings, home ?? join(folder, "home"));
  }

  /** Starts a server, and agents that are linked to it. */
  static async start(
    settings: Settings = {},
    agents: readonly string[] = ["build-1"],
    home?: string,
  ): Promise<Program> {
    const program = await Program.prepare(settings, home);
    try {
      await program.serve();
      for (const id of agents) await program.agent(id);
      return program;
    } catch (error) {
      await program.stop();
      throw error;
    }
  }

  /** Leaves one processor to server and agents, and to all that they start from now on. */
  keepToCore(core: number): void {
    for (const { pid } of [this.#server, ...this.#agents.values()].filter(
      (one) => one !== undefined,
    )) {
      execFileSync("taskset", ["-acp", String(core), String(pid)]);
    }
  }

  /** Where the server listens. */
  get url(): string {
    return `http://${this.#listen}`;
  }

  /** Where the page is opened. */
  get pageUrl(): string {
    return this.#door?.url ?? this.url;
  }

  /** Runs `pilothouse serve`, always on the same port and data; resolves when it listens. */
  async serve(): Promise<void> {
    await this.#run("serve", /:\/\/([^/\s]+)/);
  }

  /** Runs `pilothouse` as a newcomer does, and gives the link that it prints. */
  async up(): Promise<string> {
    if (!this.#hasLocalAgent) process.once("exit", this.#down);
    this.#hasLocalAgent = true;
    const [link] = await this.#run("up", /http:\/\/([^/\s]+)\/#code=\S+/);
    return link.replace(this.url, this.pageUrl);
  }

  async #run(command: "serve" | "up", pattern: RegExp): Promise<RegExpExecArray> {
    await mkdir(this.home, { recursive: true });
    const set = Object.entries(this.settings).flatMap(([key, value]) => [
      "--set",
      `${key}=${value}`,
    ]);
    const words = [command, "--listen", this.#listen, ...this.#data, ...set];
    this.#server = start(PROGRAM, words, {
      env: this.#environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const match = await printed(this.#server, pattern);
    this.#listen = match[1] ?? this.#listen;
    this.#door ??= await FrontDoor.before(this.url);
    return match;
  }

  /** Ends the server with a signal; agents and what they run go on. */
  async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    if (this.#server !== undefined) await end(this.#server, signal);
    this.#server = undefined;
  }

  /** Starts an agent, and waits until the server sees it. */
  async agent(id: string, ...more: readonly string[]): Promise<void> {
    const file = join(this.folder, `${id}.token`);
    await writeFile(file, await this.#token("--agent", id));
    const link = ["--server", this.url.replace("http", "ws"), "--token-file", file];
    const words = ["agent", "--id", id, "--data-dir", join(this.folder, id), ...link, ...more];
    this.#agents.set(
      id,
      start(PROGRAM, words, { env: this.#environment, cwd: this.home, stdio: "ignore" }),
    );
    await this.linked(id);
  }

  /** Ends an agent, with everything that it runs. */
  async endAgent(id: string): Promise<void> {
    const agent = this.#agents.get(id);
    if (agent !== undefined) await end(agent, "SIGTERM");
    this.#agents.delete(id);
  }

  /** Resolves when the server sees an agent. */
  async linked(id: string): Promise<void> {
    const rest = await this.rest();
    const isThere = async () => {
      const agent = await rest.call("GET /api/v1/agents/{agent}", { path: { agent: id } });
      return agent.status === "online";
    };
    // Nobody tells before there is a client.
    while (!(await isThere().catch(() => false)))
      await new Promise((again) => setTimeout(again, 30));
  }

  /** A token for somebody without an account. */
  token(user = "ann", role: Role = "admin"): Promise<string> {
    return this.#token("--user", user, "--role", role);
  }

  async #token(...options: readonly string[]): Promise<string> {
    return (await this.pilothouse("token", ...options)).trim();
  }

  /** Makes an account. */
  async account(user: string, role: Role, password: string): Promise<void> {
    const adding = this.#pilothouse("user", "add", user, "--role", role);
    adding.child.stdin?.end(`${password}\n`);
    await adding;
  }

  /** What the program prints for a command line, such as `user`, `list`. */
  async pilothouse(...words: readonly string[]): Promise<string> {
    return (await this.#pilothouse(...words)).stdout;
  }

  #pilothouse(...words: readonly string[]) {
    return run(PROGRAM, [...words, ...this.#data], { env: this.#environment });
  }

  /** Asks routes as an administrator, to prepare what a test is not about. */
  async rest(user = "probe", role: Role = "admin"): Promise<RestClient> {
    return new RestClient({ server: this.url, token: await this.token(user, role) });
  }

  /** Ends everything, and takes the data away. */
  async stop(): Promise<void> {
    for (const id of [...this.#agents.keys()]) await this.endAgent(id);
    if (this.#hasLocalAgent) {
      process.removeListener("exit", this.#down);
      await this.pilothouse("down").catch(() => "");
    }
    await this.end("SIGTERM");
    await this.#door?.close();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  // The agent of `up` is meant to outlive whoever started it.
  readonly #down = () => {
    execFileSync(PROGRAM, ["down", ...this.#data], { env: this.#environment, stdio: "ignore" });
  };

  get #data(): readonly string[] {
    return ["--data-dir", join(this.folder, "server")];
  }

  // What the machine's owner configured has nothing to do with tests.
  get #environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      HOME: this.home,
      SHELL: "/bin/bash",
      LANG: "C.UTF-8",
      PILOTHOUSE_CONFIG: "/dev/null",
      PILOTHOUSE_LOG: process.env.PILOTHOUSE_LOG ?? "error",
    };
  }
}
