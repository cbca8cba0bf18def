// Mission control's React hook, as its documentation has it, on React itself in a real browser; and what browsers see
// when they are refused.
import { fileURLToPath } from "node:url";
import { launch } from "../chromium.mjs";
import { say } from "./say.mjs";

const [address, token] = process.argv.slice(2);
const script = (name) => fileURLToPath(new URL(`../node_modules/${name}`, import.meta.url));
const browser = await launch();
const page = await browser.newPage();
page.on("pageerror", (error) => say("error", { error: error.message }));
// Pages of other origins are refused, so it is one of the server's own.
await page.goto(`${address.replace("ws:", "http:")}health`);
await page.exposeFunction("say", say);
await page.addScriptTag({ path: script("react/umd/react.production.min.js") });
await page.addScriptTag({ path: script("react-dom/umd/react-dom.production.min.js") });

await page.evaluate(
  ([address, token]) => {
    const { useEffect, useState, createElement } = React;

    function useWebSocket(token) {
      const [isConnected, setIsConnected] = useState(false);
      const [agentStatuses, setAgentStatuses] = useState(new Map());
      const [attempt, setAttempt] = useState(0);

      useEffect(() => {
        if (!token) return;

        const ws = new WebSocket(`${address}?token=${token}`);

        ws.onopen = () => {
          setIsConnected(true);
        };

        ws.onmessage = (event) => {
          const message = JSON.parse(event.data);

          if (message.type === "agent:status") {
            setAgentStatuses((prev) => {
              const next = new Map(prev);
              next.set(message.payload.agentId, message.payload);
              return next;
            });
          }
        };

        ws.onclose = (event) => {
          say("close", { code: event.code });
          setIsConnected(false);
          // Reconnect after 3 seconds
          setTimeout(() => {
            setAttempt((attempt) => attempt + 1);
          }, 3000);
        };

        return () => {
          ws.close();
        };
      }, [token, attempt]);

      return { isConnected, agentStatuses };
    }

    function Component() {
      const { isConnected, agentStatuses } = useWebSocket(token);
      useEffect(() => {
        say("state", { isConnected, agentStatuses: Object.fromEntries(agentStatuses) });
      }, [isConnected, agentStatuses]);
      return null;
    }

    const element = document.createElement("div");
    document.body.append(element);
    window.root = ReactDOM.createRoot(element);
    window.root.render(createElement(Component));
  },
  [address, token],
);

const refused = (page, token) =>
  page.evaluate(
    (url) =>
      new Promise((resolve) => {
        const seen = [];
        const ws = new WebSocket(url);
        ws.onopen = () => seen.push("open");
        ws.onerror = () => seen.push("error");
        ws.onclose = (event) => resolve({ seen, code: event.code });
      }),
    token === null ? address : `${address}?token=${token}`,
  );
for (const bad of [null, "", "bad", `${token}x`]) say("refused", await refused(page, bad));
const foreign = await browser.newPage();
await foreign.goto("data:text/html,elsewhere");
say("refused", await refused(foreign, token));
say("ready");

// The test ends the component by closing our input.
process.stdin.on("end", async () => {
  await page.evaluate(() => window.root.unmount());
  say("unmounted");
  await browser.close();
}).resume();
