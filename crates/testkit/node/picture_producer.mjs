// A producer of pictures with `ws`: as text, as the bytes of the same text, and as a head with bytes behind it.
import WebSocket from "ws";

const [url, data] = process.argv.slice(2);
const socket = new WebSocket(url, { headers: { "User-Agent": "Mozilla/5.0" } });
const message = { type: "frame", sessionId: "s-1", data, timestamp: 1.5 };
const pause = () => new Promise((resolve) => setTimeout(resolve, 100));
socket.on("message", (answer) => console.log(JSON.stringify({ what: "error", error: String(answer) })));
socket.on("open", async () => {
  socket.send(JSON.stringify(message));
  await pause();
  socket.send(Buffer.from(JSON.stringify(message)));
  await pause();
  const head = Buffer.from(JSON.stringify({ type: "frame", timestamp: 1.5, mime: "image/jpeg" }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  socket.send(Buffer.concat([length, head, Buffer.from(data, "base64")]));
  console.log(JSON.stringify({ what: "sent" }));
});
process.stdin.resume();
process.stdin.on("end", () => socket.close());
