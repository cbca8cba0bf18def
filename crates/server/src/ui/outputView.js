// The output of one command: bounded lines that follow the end unless the reader scrolled up.

import { updateInterrupt } from "./commandsView.js";
import { byId, element, setAttribute, setText } from "./element.js";
import { commandFacts, commandStates } from "./words.js";

const followWithinPx = 24;

/** Draws one command's [`Output`] into the page, at most once per frame and only what changed. */
export class OutputView {
  #lines = byId("lines");
  #follow = byId("follow");
  #output = null;
  #shownVersion = -1;
  #first = 0;
  #isFollowing = true;

  constructor() {
    this.#lines.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    // The end stays in sight when the window or the head above changes its size.
    new ResizeObserver(() => { if (this.#isFollowing) this.#lines.scrollTop = this.#lines.scrollHeight; }).observe(this.#lines);
    this.#follow.addEventListener("click", () => this.#jump());
    const copy = byId("copy");
    copy.addEventListener("click", () => this.#copy(copy));
  }

  /** Shows a command, or with `null` that none is chosen. */
  show(command, { now, isInterrupting, isConnected }) {
    this.#showHead(command, now);
    updateInterrupt(byId("interrupt"), command, isInterrupting, isConnected);
    const output = command?.output ?? null;
    if (output !== this.#output) this.#restart(output);
    if (output !== null && output.version !== this.#shownVersion) this.#draw(output);
    this.#showEmpty(command);
  }

  #showHead(command, now) {
    setText(byId("output-title"), command === null ? "Output" : (command.line ?? command.id));
    const facts = byId("output-facts");
    setAttribute(facts, "data-state", command?.status ?? null);
    // The exit code is told already.
    const reason = command?.error && !command.error.startsWith("exited with") ? ` · ${command.error}` : "";
    setText(facts, command === null ? "" : `${commandStates[command.status].sign} ${commandFacts(command, now)}${reason}`);
    byId("output-tools").hidden = command === null;
    byId("copy").hidden = navigator.clipboard === undefined || (command?.output.lines.length ?? 0) === 0;
  }

  #showEmpty(command) {
    const empty = byId("output-empty");
    empty.hidden = command !== null && command.output.lines.length > 0;
    if (empty.hidden) return;
    setText(empty.firstElementChild, emptyWords(command));
  }

  #restart(output) {
    this.#output = output;
    this.#lines.replaceChildren();
    this.#shownVersion = -1;
    this.#first = output?.first ?? 0;
    this.#isFollowing = true;
    this.#follow.hidden = true;
  }

  #draw(output) {
    // Lines that fell out of the bounded list leave the page too.
    for (; this.#first < output.first && this.#lines.firstChild; this.#first++) this.#lines.firstChild.remove();
    this.#first = output.first;
    const added = document.createDocumentFragment();
    const shown = this.#lines.children;
    const shownCount = shown.length;
    // Only lines at the end can have changed, since each stream writes to the newest line or starts one.
    for (let at = Math.max(0, shownCount - 1); at < output.lines.length; at++) {
      const line = output.lines[at];
      if (at >= shownCount) added.append(drawLine(line));
      else if (line.version > this.#shownVersion) shown[at].replaceWith(drawLine(line));
    }
    this.#lines.append(added);
    this.#shownVersion = output.version;
    if (this.#isFollowing) this.#lines.scrollTop = this.#lines.scrollHeight;
    else this.#follow.hidden = false;
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#lines;
    this.#isFollowing = scrollHeight - scrollTop - clientHeight <= followWithinPx;
    this.#follow.hidden = this.#isFollowing;
  }

  #jump() {
    this.#isFollowing = true;
    this.#follow.hidden = true;
    this.#lines.scrollTop = this.#lines.scrollHeight;
    this.#lines.focus();
  }

  async #copy(button) {
    try {
      await navigator.clipboard.writeText(this.#output?.text() ?? "");
      setText(button, "Copied");
    } catch {
      setText(button, "Copying was not allowed");
    }
    setTimeout(() => setText(button, "Copy output"), 2000);
  }
}

function drawLine({ stream, spans }) {
  const line = element("div", { class: "line", "data-stream": stream });
  for (const { text, className } of spans) {
    line.append(className === "" ? text : element("span", { class: className, text }));
  }
  return line;
}

function emptyWords(command) {
  if (command === null) return "Choose a command, or run one: its output appears here as it is written.";
  switch (command.status) {
    case "sending": return "Waiting for the server…";
    case "queued": return "Waits for its turn. Output appears here once it runs.";
    case "running": return "Runs, and has written nothing yet.";
    case "refused": return "The server did not take this command.";
    case "unseen": return "No output was seen by this page.";
    default: return "Ended without any output.";
  }
}
