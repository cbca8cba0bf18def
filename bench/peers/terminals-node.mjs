// Terminals with node-pty behind `ws`, as the documentation of both shows: one process, one message per
// chunk that the terminal gives, one `send` per viewer. A path is a terminal; the first viewer starts it.
import { spawn } from "@lydell/node-pty";
import { WebSocketServer } from "ws";

const terminals = new Map();

function terminalOf(path) {
  const known = terminals.get(path);
  if (known) return known;
  const process_ = spawn("/bin/sh", [], { name: "xterm-256color", cols: 80, rows: 24, env: process.env });
  const terminal = { process: process_, viewers: new Set() };
  process_.onData((data) => {
    const message = JSON.stringify({ type: "output", data });
    for (const viewer of terminal.viewers) viewer.send(message);
  });
  terminals.set(path, terminal);
  return terminal;
}

const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false }, () => {
  const { port } = server.address();
  console.log(`ready ${port} ${port}`);
});
server.on("connection", (socket, request) => {
  const terminal = terminalOf(request.url);
  terminal.viewers.add(socket);
  socket.on("message", (text) => {
    const message = JSON.parse(text);
    if (message.type === "input") terminal.process.write(message.data);
  });
  socket.on("close", () => terminal.viewers.delete(socket));
  socket.on("error", () => terminal.viewers.delete(socket));
});
