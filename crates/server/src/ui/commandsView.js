// The commands of one agent: what runs, what waits and in which order, what ended and how.

import { firstLine } from "./agentsView.js";
import { byId, element, setAttribute, setText, showItems } from "./element.js";
import { clockTime, commandFacts, commandStates, priorityWords } from "./words.js";

const canBeInterrupted = new Set(["queued", "running"]);

/** Shows the commands of an agent; `choose` and `interrupt` are called with a command. */
export function showCommands(store, agentId, chosen, { choose, interrupt, isInterrupting, isConnected }) {
  const { running, queued, ended } = store.commandsOf(agentId);
  for (const [name, commands] of [["running", running], ["queued", queued], ["ended", ended]]) {
    byId(`${name}-group`).hidden = commands.length === 0;
    showItems(byId(name), commands, {
      key: (command) => command.id,
      create: () => createRow(),
      update: (row, command) => {
        row.firstChild.onclick = () => choose(command);
        row.lastChild.onclick = () => interrupt(command);
        updateRow(row, command, store.now(), command === chosen);
        updateInterrupt(row.lastChild, command, isInterrupting(command), isConnected);
      },
    });
  }
  setText(byId("queued-count"), queued.length > 1 ? String(queued.length) : "");
  const empty = byId("commands-empty");
  empty.hidden = running.length + queued.length + ended.length > 0;
  setText(empty.firstElementChild, agentId === null
    ? "Commands appear here once there is an agent to run them."
    : "Nothing runs and nothing waits. Commands that end from now on stay listed here while this page is open.");
}

/** What the button that ends a command says and whether it can be pressed. */
export function updateInterrupt(button, command, isInterrupting, isConnected) {
  button.hidden = command === null || !canBeInterrupted.has(command.status);
  if (button.hidden) return;
  const words = command.status === "queued" ? ["Remove", "Removing…"] : ["Interrupt", "Interrupting…"];
  setText(button, words[isInterrupting ? 1 : 0]);
  button.disabled = isInterrupting || !isConnected;
  setAttribute(button, "aria-label", `${words[0]} ${command.line ?? command.id}`);
}

function createRow() {
  return element("li", { class: "row command" },
    element("button", { class: "row-main", type: "button" },
      element("span", { class: "row-top" },
        element("span", { class: "sign", "aria-hidden": "true" }),
        element("code", { class: "line" }),
        element("span", { class: "priority" })),
      element("span", { class: "facts" })),
    element("button", { class: "danger small", type: "button" }));
}

function updateRow(row, command, now, isChosen) {
  setAttribute(row, "data-state", command.status);
  setAttribute(row.firstChild, "aria-current", isChosen ? "true" : null);
  setText(row.querySelector(".sign"), commandStates[command.status].sign);
  const line = row.querySelector(".line");
  setText(line, firstLine(command.line ?? command.id));
  setAttribute(line, "title", command.line ?? null);
  const priority = row.querySelector(".priority");
  setText(priority, command.status === "queued" || command.priority !== "normal" ? priorityWords(command.priority) : "");
  priority.hidden = priority.textContent === "" || command.priority === undefined;
  setText(row.querySelector(".facts"), factsOf(command, now));
}

function factsOf(command, now) {
  const facts = [commandFacts(command, now)];
  if (command.requestedBy) facts.push(`by ${command.requestedBy}`);
  if (command.requestedAt) facts.push(clockTime(command.requestedAt));
  return facts.join(" · ");
}
