// Node.js with `ws`, one process, one `send` per viewer, as its documentation shows.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const perMessageDeflate = process.argv.includes("--deflate")
  ? { threshold: 1024, serverNoContextTakeover: true, clientNoContextTakeover: true }
  : false;
const viewers = new Set();
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate });

sockets.on("connection", (socket, request) => {
  if (request.url.startsWith("/publish")) {
    socket.on("message", (message, isBinary) => {
      for (const viewer of viewers) viewer.send(message, { binary: isBinary });
    });
    return;
  }
  viewers.add(socket);
  socket.on("close", () => viewers.delete(socket));
  socket.on("error", () => viewers.delete(socket));
});

const server = createServer();
server.on("upgrade", (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit("connection", opened, request));
});
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
  const { port } = server.address();
  console.log(`ready ${port} ${port}`);
});
