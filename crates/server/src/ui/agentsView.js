// The list of agents: who is there, what each does now, and how much waits for it.

import { element, setAttribute, setText, showItems } from "./element.js";
import { nameOf } from "./store.js";
import { age, agentStates, clockTime } from "./words.js";

/** Shows all agents; `choose` is called with the id of the one that is picked. */
export function showAgents(list, store, chosenId, choose) {
  showItems(list, store.agentsInOrder(), {
    key: (agent) => agent.agentId,
    create: (agent) => createRow(() => choose(agent.agentId)),
    update: (row, agent) => updateRow(row, agent, store, agent.agentId === chosenId),
  });
}

/** `3 agents · 1 busy · 1 offline` */
export function summaryOf(store) {
  const agents = [...store.agents.values()];
  if (agents.length === 0) return "";
  const parts = [agents.length === 1 ? "1 agent" : `${agents.length} agents`];
  for (const state of ["busy", "error", "offline"]) {
    const count = agents.filter((agent) => agent.status === state).length;
    if (count > 0) parts.push(`${count} ${agentStates[state].word}`);
  }
  return parts.join(" · ");
}

/** Up and down move through rows of buttons. */
export function moveFocusWithArrows(list) {
  list.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const buttons = [...list.querySelectorAll(".row-main")];
    const at = buttons.indexOf(document.activeElement);
    if (at < 0) return;
    event.preventDefault();
    buttons[at + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
  });
}

function createRow(choose) {
  return element("li", { class: "row" },
    element("button", { class: "row-main", type: "button", on: { click: choose } },
      element("span", { class: "row-top" },
        element("span", { class: "name" }),
        element("span", { class: "state" }, element("span", { class: "sign", "aria-hidden": "true" }), element("span", { class: "word" }))),
      element("span", { class: "facts" }),
      element("span", { class: "doing" })));
}

function updateRow(row, agent, store, isChosen) {
  const state = agentStates[agent.status] ?? agentStates.error;
  setAttribute(row, "data-state", state.word);
  setAttribute(row.firstChild, "aria-current", isChosen ? "true" : null);
  setText(row.querySelector(".name"), nameOf(agent));
  setText(row.querySelector(".sign"), state.sign);
  setText(row.querySelector(".word"), state.word);
  setText(row.querySelector(".facts"), factsOf(agent, store.now()));
  const doing = row.querySelector(".doing");
  const { running, queued } = store.commandsOf(agent.agentId);
  const parts = [];
  if (queued.length > 0) parts.push(`${queued.length} queued`);
  if (running[0]) parts.push(`▶ ${firstLine(running[0].line ?? running[0].id)}`);
  setText(doing, parts.join("  ·  "));
  doing.hidden = parts.length === 0;
}

function factsOf(agent, now) {
  const facts = [agent.agentType, agent.metadata?.platform].filter(Boolean);
  if (nameOf(agent) !== agent.agentId) facts.unshift(agent.agentId);
  if (agent.status === "offline" && agent.lastActivity) facts.push(`last seen ${age(now - agent.lastActivity)} ago`);
  else if (agent.connectedAt) facts.push(`since ${clockTime(agent.connectedAt)}`);
  return facts.join(" · ");
}

/** A command line of several lines is listed by its first. */
export function firstLine(line) {
  const end = line.indexOf("\n");
  return end < 0 ? line : `${line.slice(0, end)} …`;
}
