import { type ChildProcessByStdio, spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RestClient } from "../../src/index.js";
import { PROGRAM, Program } from "../program.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const examples = join(root, "examples");

let program: Program;
let token: string;
const running: ChildProcessByStdio<null, Readable, Readable>[] = [];

/** Starts a script, which finds the package as it was built. */
function start(file: string) {
  const child = spawn(process.execPath, ["--experimental-websocket", file], {
    cwd: root,
    env: { PATH: process.env.PATH, SERVER: program.url, TOKEN: token },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.push(child);
  let printed = "";
  let look = () => {};
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      look();
    });
  }
  const prints = (text: string) =>
    new Promise<void>((resolve, reject) => {
      look = () => printed.includes(text) && resolve();
      child.once("close", () => reject(new Error(`it ended without "${text}": ${printed}`)));
      look();
    });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, prints, ended, printed: () => printed };
}

it("the examples in README are those in the folder", async () => {
  const readme = await readFile(join(root, "README.md"), "utf8");
  for (const name of [
    "run_command.mjs",
    "fleet.mjs",
    "terminal.ts",
    "steer_browser.mjs",
    "page.html",
  ]) {
    expect(readme, name).toContain((await readFile(join(examples, name), "utf8")).trim());
  }
});

describe.skipIf(PROGRAM === "")("an example", () => {
  beforeAll(async () => {
    program = await Program.start();
    token = await program.token();
  });

  afterAll(async () => {
    for (const child of running) child.kill();
    await program.stop();
  });

  it("runs a command", async () => {
    const example = start(join(examples, "run_command.mjs"));
    expect([await example.ended, example.printed()]).toEqual([
      3,
      expect.stringContaining("hello\n"),
    ]);
  });

  it("in TypeScript opens a terminal", async () => {
    const written: string[] = [];
    const write = process.stdout.write;
    const log = console.log;
    Object.assign(process.env, { SERVER: program.url, TOKEN: token });
    process.stdout.write = (text: string | Uint8Array) => written.push(String(text)) > 0;
    console.log = (text: string) => written.push(text);
    try {
      await import("../../examples/terminal.js");
    } finally {
      process.stdout.write = write;
      console.log = log;
    }
    expect(written.join("")).toContain("six times seven is 42");
    expect(written.at(-1)).toContain("exited with 7");
  });

  it("shows the fleet, over the global WebSocket", async () => {
    const example = start(join(examples, "fleet.mjs"));
    await example.prints("build-1 is online");
    await program.agent("build-2");
    await example.prints("build-2 is online now");
    example.child.kill("SIGTERM");
    expect(await example.ended).toBe(0);
  });

  it("in a page shows sessions as they come", async () => {
    const page = await readFile(join(examples, "page.html"), "utf8");
    const script = /<script type="module">([\s\S]*)<\/script>/.exec(page)?.[1] ?? "";
    const built = pathToFileURL(join(root, "dist/index.js")).href;
    const browser = `
      const element = () => ({ addEventListener() {}, replaceChildren(...lines) {
        for (const { textContent } of lines) console.log("line:", textContent);
      } });
      const elements = {};
      globalThis.document = { getElementById: (id) => (elements[id] ??= element()),
        createElement: element, addEventListener() {} };
      globalThis.location = { search: "", origin: process.env.SERVER };
      globalThis.sessionStorage = { getItem: () => process.env.TOKEN };
    `;
    const file = join(program.folder, "page.mjs");
    await writeFile(file, browser + script.replace("../dist/index.js", built));
    const example = start(file);
    const rest = new RestClient({ server: program.url, token });
    const body = { type: "quick", locationPath: program.folder, agentId: "build-1", title: "mine" };
    await rest.call("POST /api/sessions", { body });
    await example.prints("line: mine");
    example.child.kill();
  });
});
