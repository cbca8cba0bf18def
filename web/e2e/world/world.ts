// A small company at work: agents, people, commands of every outcome, terminals, and somebody who waits.
import type { RestClient } from "pilothouse-client";
import { Program } from "../harness/program";
import { typeInto } from "../harness/typing";
import { writeProjects } from "./projects";

/** Whoever has an account, and may do what. All have the same password. */
export const PEOPLE = [
  { user: "ann", role: "admin" },
  { user: "ben", role: "operator" },
  { user: "cleo", role: "operator" },
  { user: "vera", role: "viewer" },
] as const;

/** The password of all of them. */
export const PASSWORD = "correct horse battery staple";

const AGENTS = [
  { id: "shop-build", name: "Shop build", type: "shell" },
  { id: "payments-build", name: "Payments build", type: "shell" },
  { id: "docs-preview", name: "Docs preview", type: "shell" },
  { id: "search-index", name: "Search index", type: "shell" },
  { id: "nightly-bench", name: "Nightly benchmarks", type: "shell" },
  { id: "mobile-build", name: "Mobile build", type: "shell" },
  { id: "ben-laptop", name: "Ben's laptop", type: "claude" },
] as const;

const PRESETS = [
  { name: "Test the shop", command: "./run-tests", directory: "~/shop", agentId: "shop-build" },
  {
    name: "Build payments",
    command: "./build",
    directory: "~/payments",
    agentId: "payments-build",
  },
  { name: "Disk space", command: "df -h --output=target,size,avail,pcent" },
  { name: "What uses memory", command: "ps -eo rss,comm --sort=-rss | head -12" },
] as const;

/** What tests and pictures need to find their way. */
export interface World {
  readonly program: Program;
  readonly commands: { readonly passed: string; readonly failed: string; readonly running: string };
  readonly session: string;
  /** A terminal of that session. */
  readonly terminal: string;
  end(): Promise<void>;
}

/** Makes it. It takes some seconds, since all of it is real. `home` is where its people keep their projects. */
export async function makeWorld(home?: string): Promise<World> {
  const program = await Program.start({ "commands.per_minute": "600" }, [], home);
  try {
    await writeProjects(program.home);
    for (const { user, role } of PEOPLE) await program.account(user, role, PASSWORD);
    for (const { id, name, type } of AGENTS) {
      await program.agent(id, "--name", name, "--type", type);
    }
    await program.endAgent("ben-laptop");
    const ann = await program.rest("ann", "admin");
    const ben = await program.rest("ben", "operator");
    const cleo = await program.rest("cleo", "operator");
    await keepPresetsAndKeys(ann, program.home);
    const commands = await runCommands([ann, ben, cleo], program.home);
    const { session, terminal, logs } = await openSessions(ann, program.home);
    const link = { server: program.url, token: await program.token("ann") };
    await typeInto(
      { ...link, sessionId: session, workerId: terminal },
      "git log --oneline; ./run-tests",
    );
    await typeInto({ ...link, sessionId: session, workerId: logs }, "STEP=1 ../docs/crawl");
    await somebodyWaits(ann);
    return { program, commands, session, terminal, end: () => program.stop() };
  } catch (error) {
    await program.stop();
    throw error;
  }
}

async function keepPresetsAndKeys(ann: RestClient, home: string): Promise<void> {
  for (const preset of PRESETS) {
    const directory = "directory" in preset ? preset.directory.replace("~", home) : null;
    await ann.call("POST /api/v1/presets", { body: { ...preset, directory } });
  }
  for (const body of [
    { name: "Runners of the build farm", expiresIn: "90d" },
    { name: "Ben's laptop", agentId: "ben-laptop" },
  ]) {
    await ann.call("POST /api/v1/keys", { body });
  }
}

async function runCommands(
  [ann, ben, cleo]: readonly [RestClient, RestClient, RestClient],
  home: string,
) {
  const shop = `${home}/shop`;
  const ask = async (who: RestClient, agentId: string, command: string, directory: string) =>
    (await who.call("POST /api/v1/commands", { body: { agentId, command, directory } })).id;
  await over(ann, await ask(ann, "shop-build", "git status --short --branch", shop));
  await over(ann, await ask(ben, "docs-preview", "ls -la", `${home}/docs`));
  const failed = await ask(ben, "payments-build", "./build", `${home}/payments`);
  await over(ann, failed);
  const slow = await ask(ben, "shop-build", "sleep 600", shop);
  await ann.call("POST /api/v1/commands/{command}/interrupt", {
    path: { command: slow },
    body: {},
  });
  await over(ann, slow);
  const passed = await ask(ann, "shop-build", "./run-tests", shop);
  await over(ann, passed);
  const running = await ask(ben, "docs-preview", "./crawl", `${home}/docs`);
  for (const command of ["make links", "make search-index", "make upload"]) {
    await ask(ann, "docs-preview", command, `${home}/docs`);
  }
  const pause = { path: { agent: "nightly-bench" } };
  await ann.call("POST /api/v1/agents/{agent}/pause", pause);
  await ask(cleo, "nightly-bench", "cargo bench", home);
  await ask(cleo, "search-index", "../docs/crawl", shop);
  return { passed, failed, running };
}

/** Resolves when a command has ended. */
async function over(rest: RestClient, command: string): Promise<void> {
  await until(async () => {
    const { status } = await rest.call("GET /api/v1/commands/{command}", { path: { command } });
    return status !== "queued" && status !== "running";
  });
}

async function openSessions(ann: RestClient, home: string) {
  await ann.call("POST /api/agent-types", {
    body: {
      id: "scribe",
      name: "Scribe",
      description: "Writes code, and asks before it changes files.",
      commandTemplate: `${home}/bin/scribe {{prompt}}`,
      activityPatterns: { askingPatterns: ["\\(yes/no\\)"] },
    },
  });
  await ann.call("POST /api/agent-types", {
    body: {
      id: "scribe-at-work",
      name: "Scribe, thorough",
      commandTemplate: `${home}/bin/scribe-at-work {{prompt}}`,
    },
  });
  const at = async (
    title: string,
    agentId: string,
    folder: string,
    agentType?: string,
    prompt?: string,
  ) => {
    const begin = agentType === undefined ? {} : { agentType, initialPrompt: prompt ?? null };
    const body = { type: "quick", agentId, title, locationPath: `${home}/${folder}`, ...begin };
    return (await ann.call("POST /api/v1/sessions", { body })).id;
  };
  const open = async (session: string, name: string) => {
    const body = { type: "terminal", name };
    return (await ann.call("POST /api/v1/sessions/{session}/workers", { path: { session }, body }))
      .id;
  };
  const session = await at(
    "Postal codes",
    "shop-build",
    "shop",
    "scribe",
    "fix the postal codes of Ireland",
  );
  const terminal = await open(session, "Shell");
  const logs = await open(session, "Logs");
  const settlement = await at(
    "Settlement",
    "payments-build",
    "payments",
    "scribe-at-work",
    "why is the batch rounded twice?",
  );
  await open(settlement, "Shell");
  await open(await at("Guide", "docs-preview", "docs"), "Shell");
  return { session, terminal, logs };
}

/** Resolves when an agent asks somebody something. */
async function somebodyWaits(ann: RestClient): Promise<void> {
  await until(async () => {
    const { items } = await ann.call("GET /api/v1/attention");
    return items.some(({ reason }) => reason === "workerAsks");
  });
}

// The routes tell how things are, and nobody tells when they change.
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((again) => setTimeout(again, 50));
}
