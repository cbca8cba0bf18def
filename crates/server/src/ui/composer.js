// The form that runs a command: agent, line, priority. It keeps the draft while the connection is away.

import { byId, element, setText, showItems } from "./element.js";
import { nameOf } from "./store.js";
import { agentStates } from "./words.js";

const remembered = 100;
const feedbackMs = 12000;

/** The form; `run(agentId, line, priority)` says whether the command could be sent. */
export class Composer {
  onAgent = () => {};
  #agent = byId("run-agent");
  #line = byId("command-line");
  #priority = byId("run-priority");
  #button = byId("run");
  #run;
  #history = [];
  #at = 0;
  #feedbackTimer = 0;
  #hint = "";

  constructor({ run }) {
    this.#run = run;
    byId("run-form").addEventListener("submit", (event) => { event.preventDefault(); this.#submit(); });
    this.#agent.addEventListener("change", () => this.onAgent(this.#agent.value));
    this.#line.addEventListener("keydown", (event) => this.#pressed(event));
    this.#line.addEventListener("input", () => this.#fit());
    document.addEventListener("keydown", (event) => {
      const isTyping = event.target.closest?.("input, textarea, select") !== null;
      if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      this.#line.focus();
    });
  }

  /** Offers these agents and says why nothing can be run, if so. */
  show(agents, agentId, isConnected) {
    showItems(this.#agent, agents, {
      key: (agent) => agent.agentId,
      create: (agent) => element("option", { value: agent.agentId }),
      update: (option, agent) => setText(option, agent.status === "online" ? nameOf(agent) : `${nameOf(agent)} (${agentStates[agent.status]?.word ?? "error"})`),
    });
    if (agentId !== null && this.#agent.value !== agentId) this.#agent.value = agentId;
    const chosen = agents.find((agent) => agent.agentId === agentId);
    this.#agent.disabled = agents.length === 0;
    this.#hint = reasonNotToRun(chosen, isConnected);
    this.#button.disabled = chosen === undefined || this.#hint !== "";
    if (this.#feedbackTimer === 0) setText(byId("run-feedback"), this.#hint);
  }

  /** Shows a sentence below the form for a while. */
  tell(sentence) {
    clearTimeout(this.#feedbackTimer);
    const feedback = byId("run-feedback");
    setText(feedback, sentence);
    feedback.dataset.kind = "problem";
    this.#feedbackTimer = setTimeout(() => this.#quiet(), feedbackMs);
  }

  #quiet() {
    clearTimeout(this.#feedbackTimer);
    this.#feedbackTimer = 0;
    const feedback = byId("run-feedback");
    delete feedback.dataset.kind;
    setText(feedback, this.#hint);
  }

  #submit() {
    const line = this.#line.value;
    if (line.trim() === "" || this.#button.disabled) return;
    if (!this.#run(this.#agent.value, line, this.#priority.value)) {
      this.tell("Not sent: the connection was just lost. Try again in a moment.");
      return;
    }
    this.#history = [...this.#history.filter((known) => known !== line), line].slice(-remembered);
    this.#at = this.#history.length;
    this.#put("");
    this.#quiet();
  }

  #pressed(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === "Escape") this.#line.blur();
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") this.#recall(event);
  }

  // Like a shell's history, but only when the line is empty or recalled, so that the arrows still move inside a draft.
  #recall(event) {
    if (this.#line.value !== "" && this.#line.value !== this.#history[this.#at]) return;
    const at = this.#at + (event.key === "ArrowUp" ? -1 : 1);
    if (at < 0 || at > this.#history.length) return;
    event.preventDefault();
    this.#at = at;
    this.#put(this.#history[at] ?? "");
  }

  #put(line) {
    this.#line.value = line;
    this.#fit();
  }

  #fit() {
    this.#line.rows = Math.min(8, this.#line.value.split("\n").length);
  }
}

function reasonNotToRun(agent, isConnected) {
  if (agent === undefined) return "";
  if (!isConnected) return "Commands can be run again once the connection is back.";
  if (agent.status === "offline") return `${nameOf(agent)} is offline. Commands can be run once it is back.`;
  return "";
}
