// Bun's own server with `publish`.
const perMessageDeflate = process.argv.includes("--deflate");

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch(request, server) {
    const publishes = new URL(request.url).pathname.startsWith("/publish");
    return server.upgrade(request, { data: { publishes } }) ? undefined : new Response("", { status: 426 });
  },
  websocket: {
    perMessageDeflate,
    idleTimeout: 0,
    open(socket) {
      if (!socket.data.publishes) socket.subscribe("viewers");
    },
    message(_, message) {
      server.publish("viewers", message, perMessageDeflate);
    },
  },
});
console.log(`ready ${server.port} ${server.port}`);
