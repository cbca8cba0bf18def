// Stands in for Claude Code: paints screens that the real one painted, and reacts to what is typed.
//
// node stand_in_claude.mjs FIXTURES LOG
//
// At its prompt it echoes; after Enter it works, asks for permission, works again and is done. With the word `fail`
// typed it ends with code 3 after its work. What it painted stands in LOG, one per line: milliseconds and a name.

import { appendFileSync, readFileSync } from "node:fs";

const [fixtures, log] = process.argv.slice(2);
const WORK = 3000;
const FRAME = 120;
const GLYPHS = ["·", "✢", "✳", "✶", "✻", "✽"];

const screen = (name) => readFileSync(`${fixtures}/claude_${name}.txt`, "utf8").replaceAll("\n", "\r\n");
const note = (what) => appendFileSync(log, `${Date.now()} ${what}\n`);

let state = "idle";
let typed = "";
let last = "";

function paint(text) {
  process.stdout.write(`\x1b[?2026h\x1b[2J\x1b[H${text}\x1b[?2026l`);
}

function rest() {
  state = "idle";
  typed = "";
  paint(screen("finished"));
  note("idle");
}

function ask() {
  state = "asking";
  paint(screen("command"));
  note("asking");
}

function work(then) {
  state = "active";
  note("active");
  const begun = Date.now();
  const spinner = screen("spinner");
  let frame = 0;
  const turning = setInterval(() => {
    const passed = Date.now() - begun;
    if (passed >= WORK) {
      clearInterval(turning);
      return then();
    }
    frame += 1;
    const line = `${GLYPHS[frame % GLYPHS.length]} Pouncing… (${Math.floor(passed / 1000)}s`;
    paint(spinner.replace(/. Pouncing… \(\d+s/u, line));
  }, FRAME);
}

function done() {
  if (!last.includes("fail")) return rest();
  process.stdout.write("\r\nout of credit\r\n");
  process.exit(3);
}

function key(character) {
  if (state === "asking" && (character === "\r" || character === "1")) return work(done);
  if (state === "asking" && character === "\x1b") return rest();
  if (state !== "idle") return;
  if (character !== "\r") {
    typed += character;
    // At the prompt, three lines above the end of the screen.
    paint(screen("finished").replace("❯ ", `❯ ${typed}`));
    return;
  }
  last = typed;
  work(last.includes("fail") ? done : ask);
}

process.stdin.setRawMode(true);
process.stdin.on("data", (data) => {
  for (const character of data.toString()) key(character);
});
rest();
