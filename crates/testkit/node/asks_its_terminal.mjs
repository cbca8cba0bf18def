// A program that asks its terminal everything that real ones ask, and writes down what it reads.
//
// node asks_its_terminal.mjs FOLDER
//
// Waits for FOLDER/go, asks, and writes all it has read into FOLDER/read, first that it is nothing, until that ends
// with `!`.

import { existsSync, renameSync, writeFileSync } from "node:fs";

const folder = process.argv[2];
const QUESTIONS = ["\x1b[c", "\x1b[>c", "\x1b[6n", "\x1b]11;?\x1b\\", "\x1b[>0q", "\x1b[?u", "\x1b[?2026$p", "\x1bP$qm\x1b\\"];
let read = "";

function note() {
  writeFileSync(`${folder}/read.next`, JSON.stringify(read));
  renameSync(`${folder}/read.next`, `${folder}/read`);
}

process.stdin.setRawMode(true);
process.stdin.on("data", (data) => {
  read += data.toString("latin1");
  note();
  if (read.endsWith("!")) process.exit(0);
});
note();
const waiting = setInterval(() => {
  if (!existsSync(`${folder}/go`)) return;
  clearInterval(waiting);
  process.stdout.write(`${QUESTIONS.join("")}asked\r\n`);
}, 10);
