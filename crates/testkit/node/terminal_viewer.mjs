// A viewer of a worker's terminal as a browser is one: xterm.js shows what comes, and answers what it reads.
//
// node terminal_viewer.mjs ws://…/ws/session/…/worker/… FOCUS      (the token is in TOKEN)
//
// Prints one line of JSON for each thing that happens: {history: true}, {sent: text} for what xterm.js sends by itself,
// {screen: lines} when asked. Reads such lines too: {type: text}, {screen: true}, {focus: whether}.
//
// @xterm/headless has no window: what @xterm/xterm does with its theme and its focus is done here, the same way.

import { createInterface } from "node:readline";
import headless from "@xterm/headless";
import WebSocket from "ws";

const [url, focus] = process.argv.slice(2);
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const socket = new WebSocket(url, { headers: { Authorization: `Bearer ${process.env.TOKEN}` } });
const terminal = new headless.Terminal({ cols: 120, rows: 30, allowProposedApi: true, logLevel: "off" });
const core = terminal._core;
let hasFocus = focus === "focused";

const input = (data) => socket.send(JSON.stringify({ type: "input", data }));
terminal.onData((data) => {
  input(data);
  say({ sent: data });
});

// The mode was set, now or in a history.
const reportFocus = () => core.coreService.triggerDataEvent(hasFocus ? "\x1b[I" : "\x1b[O");
core._inputHandler.onRequestSendFocus(reportFocus);
core._inputHandler.onColor((requests) => {
  for (const { type, index } of requests) {
    const name = { 256: "10", 257: "11", 258: "12" }[index] ?? `4;${index}`;
    if (type === 0) core.coreService.triggerDataEvent(`\x1b]${name};rgb:1e1e/1e1e/1e1e\x1b\\`);
  }
});

const told = {
  history: ({ data }) => terminal.write(data, () => say({ history: true })),
  output: ({ data }) => terminal.write(data),
};
socket.on("open", () => {
  socket.send(JSON.stringify({ type: "resize", cols: 120, rows: 30 }));
  say({ open: true });
});
socket.on("message", (text) => {
  const message = JSON.parse(text);
  told[message.type]?.(message);
});
socket.on("close", () => process.exit(0));

function screen() {
  const { baseY } = terminal.buffer.active;
  const line = (y) => terminal.buffer.active.getLine(baseY + y)?.translateToString(true) ?? "";
  return Array.from({ length: terminal.rows }, (_, y) => line(y));
}

const asked = {
  type: input,
  // What was written before is drawn before.
  screen: () => terminal.write("", () => say({ screen: screen() })),
  focus: (has) => {
    hasFocus = has;
    if (terminal.modes.sendFocusMode) reportFocus();
  },
};
for await (const line of createInterface({ input: process.stdin })) {
  for (const [key, value] of Object.entries(JSON.parse(line))) asked[key](value);
}
process.exit(0);
