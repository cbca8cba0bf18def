// Fifty clients come and go; when the last one sees that it is closed, nobody is counted any more.
import assert from "node:assert/strict";
import http from "node:http";
import { once } from "node:events";
import WebSocket from "ws";
import { say } from "./say.mjs";

const health = () =>
  new Promise((resolve, reject) => {
    const request = http.get(process.argv[2].replace("ws:", "http:") + "health", (response) => {
      let text = "";
      response.on("data", (data) => (text += data));
      response.on("end", () => resolve(JSON.parse(text).websocket));
    });
    request.on("error", reject);
  });
const open = async () => {
  const ws = new WebSocket(`${process.argv[2]}?token=${process.argv[3]}`);
  await once(ws, "open");
  return ws;
};

for (let cycle = 0; cycle < 50; cycle++) {
  const ws = await open();
  assert.equal((await health()).connections, 1, `cycle ${cycle}`);
  ws.close();
  await once(ws, "close");
  const { connections, connectedUsers } = await health();
  assert.deepEqual({ connections, connectedUsers }, { connections: 0, connectedUsers: 0 }, `cycle ${cycle}`);
}

// Cut without a word, as a crashed browser's are. A machine that is busy with something else gets another try.
const took = [];
while (took.length < 10 && !took.some((time) => time <= 200)) {
  const tabs = await Promise.all(Array.from({ length: 50 }, open));
  assert.deepEqual((({ connections, connectedUsers }) => [connections, connectedUsers])(await health()), [50, 1]);
  const cut = performance.now();
  tabs.forEach((ws) => ws._socket.resetAndDestroy());
  while ((await health()).connections !== 0) assert.ok(performance.now() - cut < 20_000, "still counted");
  took.push(performance.now() - cut);
}
assert.ok(took.some((time) => time <= 200), `${took}`);
say("done", { took });
