// The dashboard protocol's example session with npm's `ws`: every arrow of it, in order.
import assert from "node:assert/strict";
import WebSocket from "ws";

const socket = new WebSocket(process.argv[2], {
  headers: { Authorization: `Bearer ${process.env.TOKEN}` },
});
const send = (type, payload) =>
  socket.send(JSON.stringify({ version: "1.0.0", type, timestamp: Date.now(), payload }));

const statuses = [];
let output = "";
let id;
const seen = [];

const steps = {
  "connection:ack": (payload) => assert.match(payload.connectionId, /^conn-/),
  "agent:list": (payload) => {
    assert.equal(payload.agents[0].agentId, "agent-1");
    if (!id) send("command:request", { agentId: "agent-1", command: "ls -la /", priority: "normal" });
  },
  "command:status": (payload) => {
    id ??= payload.commandId;
    assert.equal(payload.commandId, id);
    statuses.push(payload.status);
    if (payload.status !== "completed") return;
    assert.equal(payload.exitCode, 0);
    assert.deepEqual(statuses, ["queued", "running", "completed"]);
    assert.match(output, /^total \d+\n/);
    send("heartbeat", { sequence: 1 });
  },
  "command:queue": () => {},
  "agent:status": () => {},
  "terminal:output": (payload) => {
    assert.equal(payload.commandId, id);
    output += payload.data;
  },
  heartbeat: (payload) => {
    assert.deepEqual(payload, { sequence: 1 });
    socket.close(1000);
  },
};

socket.on("message", (data) => {
  const message = JSON.parse(data);
  assert.equal(message.version, "1.0.0");
  assert.equal(typeof message.timestamp, "number");
  seen.push(message.type);
  steps[message.type](message.payload);
});
socket.on("close", (code) => {
  assert.equal(code, 1000);
  assert.deepEqual(seen.slice(0, 2), ["connection:ack", "agent:list"]);
  assert.equal(seen.at(-1), "heartbeat");
  console.log("the session went as documented");
});
setTimeout(() => {
  console.error("nothing more came after", seen);
  process.exit(1);
}, 20_000).unref();
