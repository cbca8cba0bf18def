// Bun's own terminals behind its own server with `publish`. A path is a terminal; the first viewer starts it.
const terminals = new Map();

function terminalOf(path) {
  const known = terminals.get(path);
  if (known) return known;
  const decoder = new TextDecoder();
  const child = Bun.spawn(["/bin/sh"], {
    terminal: {
      cols: 80,
      rows: 24,
      data(_, bytes) {
        const data = decoder.decode(bytes, { stream: true });
        server.publish(path, JSON.stringify({ type: "output", data }));
      },
    },
  });
  terminals.set(path, child.terminal);
  return child.terminal;
}

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch(request, server) {
    const path = new URL(request.url).pathname;
    return server.upgrade(request, { data: { path } }) ? undefined : new Response("", { status: 426 });
  },
  websocket: {
    idleTimeout: 0,
    // A viewer that is behind is waited for in memory, as `ws` does, and not cut off.
    backpressureLimit: 1024 * 1024 * 1024,
    open(socket) {
      socket.subscribe(socket.data.path);
      socket.data.terminal = terminalOf(socket.data.path);
    },
    message(socket, text) {
      const message = JSON.parse(text);
      if (message.type === "input") socket.data.terminal.write(message.data);
    },
  },
});
console.log(`ready ${server.port} ${server.port}`);
