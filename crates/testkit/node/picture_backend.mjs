// The server of another system's workers, on npm's `ws`: it lets in whoever knows path, origin and token, and tells
// what it is sent. It answers nothing, as the original does.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { say } from "./mission_control/say.mjs";

const [origin, token] = process.argv.slice(2);
const server = createServer();
const relay = new WebSocketServer({ noServer: true });
let isDown = true;

/** The status of a refusal, or nothing. */
function refusal(request) {
  const url = new URL(request.url, "http://backend");
  if (!/^\/ws\/stream\/[^/]+$/.test(url.pathname)) return "404 Not Found";
  if (request.headers.origin !== origin) return "403 Forbidden";
  if (url.searchParams.get("token") !== token) return "401 Unauthorized";
  // Whoever comes first comes again.
  if (isDown) return "503 Service Unavailable";
}

server.on("upgrade", (request, socket, head) => {
  const refused = refusal(request);
  const { origin, authorization } = request.headers;
  say("knock", { target: request.url, origin, authorization, refused });
  if (refused !== undefined) {
    isDown = false;
    socket.end(`HTTP/1.1 ${refused}\r\nConnection: close\r\n\r\n`);
    return;
  }
  relay.handleUpgrade(request, socket, head, (ws) => {
    let count = 0;
    ws.on("message", (data, isBinary) => {
      const { data: picture, ...rest } = JSON.parse(data);
      const bytes = Buffer.from(picture, "base64");
      count += 1;
      say("picture", { ...rest, isBinary, count, begin: bytes.subarray(0, 3).toString("hex"), bytes: bytes.length });
      // A server that dies does not say so.
      if (count === 3) ws.terminate();
    });
  });
});
server.listen(0, "127.0.0.1", () => say("listens", { port: server.address().port }));
process.stdin.on("data", () => {}).on("end", () => process.exit(0));
