// Mission control's React hook, as its documentation has it, on a React of twenty lines.
import WebSocket from "ws";
import { say } from "./say.mjs";

const states = [];
let place = 0;
let cleanup;
const useState = (initial) => {
  const mine = place++;
  states[mine] ??= initial;
  const set = (next) => {
    states[mine] = typeof next === "function" ? next(states[mine]) : next;
    const [isConnected, agentStatuses] = states;
    say("state", { isConnected, agentStatuses: Object.fromEntries(agentStatuses) });
  };
  return [states[mine], set];
};
const useEffect = (effect) => {
  cleanup = effect();
};

function useWebSocket(token) {
  const [isConnected, setIsConnected] = useState(false);
  const [agentStatuses, setAgentStatuses] = useState(new Map());

  useEffect(() => {
    if (!token) return;

    const ws = new WebSocket(`${process.argv[2]}?token=${token}`);

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

    ws.onclose = () => {
      setIsConnected(false);
    };

    return () => {
      ws.close();
    };
  }, [token]);

  return { isConnected, agentStatuses };
}

useWebSocket(process.argv[3]);
// The test ends the component by closing our input.
process.stdin.on("end", () => cleanup()).resume();
