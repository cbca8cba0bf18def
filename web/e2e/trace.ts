// How the page bears a full house: `npm run trace -- --seconds 60`. Figures are for people; nothing is asserted.
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { chromium, type Page } from "playwright-core";
import { BROWSER_OPTIONS } from "./harness/browser.setup";
import { Complaints } from "./harness/complaints";
import { requireEverything } from "./harness/places";
import { Program } from "./harness/program";
import { Visitors } from "./harness/visitors";
import { FakeAgents } from "./trace/fakeAgents";
import { Profile } from "./trace/profile";
import { record, table } from "./trace/recording";
import { flood, openTerminals, type Terminal } from "./trace/terminals";
import { VIEWS, type View } from "./trace/views";

const AGENT = "build-1";
const VISIBLE = 8;

function options(words: readonly string[]) {
  const { values } = parseArgs({
    args: [...words],
    options: {
      seconds: { type: "string", default: "60" },
      minutes: { type: "string" },
      views: { type: "string", default: Object.keys(VIEWS).join(",") },
      agents: { type: "string", default: "1000" },
      terminals: { type: "string", default: "200" },
      every: { type: "string", default: "5" },
      picture: { type: "string" },
      profile: { type: "string" },
      costs: { type: "boolean", default: false },
      apart: { type: "boolean", default: false },
    },
  });
  const seconds =
    values.minutes === undefined ? Number(values.seconds) : Number(values.minutes) * 60;
  const everyMs = Number(values.every) * 1000;
  const agents = Number(values.agents);
  const pace = { agents, everyMs, worksForMs: everyMs / 2 };
  const { picture, profile, costs, apart } = values;
  return {
    seconds,
    pace,
    views: values.views.split(","),
    terminals: Number(values.terminals),
    picture,
    profile,
    costs,
    apart,
  };
}

/** Fills a server, opens the page, watches it and prints what was seen. */
export async function main(words: readonly string[]): Promise<void> {
  requireEverything();
  const wanted = options(words);
  for (const name of wanted.views) viewOf(name);
  const program = await Program.start({ "commands.per_minute": "1000000" }, [AGENT]);
  let agents: FakeAgents | undefined;
  try {
    // As in the other benchmarks: otherwise what floods takes the page's processor too.
    if (wanted.apart) program.keepToCore(0);
    const token = await program.token("trace");
    agents = new FakeAgents(program.url, token, wanted.pace);
    await agents.link();
    const rest = await program.rest();
    const terminals = await openTerminals(rest, AGENT, program.home, wanted.terminals);
    await flood(program.url, token, terminals.slice(0, VISIBLE));
    agents.begin();
    say(
      `${wanted.pace.agents} agents, each ${wanted.pace.everyMs / 1000} s a command; ${terminals.length} terminals, ${VISIBLE} flooding`,
    );
    for (const view of wanted.views) await watch(program, view, terminals, wanted);
    say(`\ncommands: ${agents.work.begun} begun, ${agents.work.refused} refused; ${machine()}`);
  } finally {
    agents?.letGo();
    await program.stop();
  }
}

function viewOf(name: string): View {
  const view = VIEWS[name];
  if (view !== undefined) return view;
  throw new Error(`there is no view ${name}, but ${Object.keys(VIEWS).join(", ")}`);
}

async function watch(
  program: Program,
  view: string,
  terminals: readonly Terminal[],
  { seconds, picture, profile, costs }: ReturnType<typeof options>,
): Promise<void> {
  const open = viewOf(view);
  const browser = await chromium.launch(BROWSER_OPTIONS);
  const complaints = new Complaints();
  try {
    const page: Page = await new Visitors(browser, complaints).open(program);
    await open(page, terminals.slice(0, VISIBLE));
    const profiling = profile === undefined ? undefined : await Profile.begin(page);
    const recording = await record(page, { view, seconds, browser: costs ? browser : undefined });
    if (profiling !== undefined) say(await profiling.end(`${profile}-${view}.cpuprofile`));
    if (picture !== undefined) await page.screenshot({ path: `${picture}-${view}.png` });
    say(table(recording));
    for (const complaint of complaints.unexpected) say(`the page complained: ${complaint}`);
  } finally {
    await browser.close();
  }
}

function machine(): string {
  const [load = 0] = loadavg();
  return `${cpus().length} cores, ${cpus()[0]?.model ?? ""}; load ${load.toFixed(1)}`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
