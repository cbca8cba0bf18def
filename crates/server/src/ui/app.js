// The page at "/": one store fed by one connection, drawn at most once per frame.

import { moveFocusWithArrows, showAgents, summaryOf } from "./agentsView.js";
import { post } from "./api.js";
import { showCommands } from "./commandsView.js";
import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { byId, setAttribute, setText } from "./element.js";
import { askWho, attend, tellProblem, useCode } from "./entrance.js";
import { OutputView } from "./outputView.js";
import { nameOf, Store } from "./store.js";
import { attendRenewal, forgetRenewal } from "./renewal.js";
import { findCode, findToken, forgetToken } from "./token.js";
import { clockTime, commandStates, wholeDuration } from "./words.js";

const store = new Store();
const interrupting = new Set();
const outputView = new OutputView();
const composer = new Composer({ run });
let connection = null;
let link = { name: "closed" };
let lostAt = 0;
let agentId = null;
let commandId = null;
let isDrawPlanned = false;
let plannedAt = 0;
const longestWaitMs = 150;

function plan() {
  if (isDrawPlanned) {
    // A flood of messages can keep the browser from ever coming to its next frame.
    if (performance.now() - plannedAt > longestWaitMs) draw();
    return;
  }
  isDrawPlanned = true;
  plannedAt = performance.now();
  // A page in the background gets no frames, but its state must not pile up either.
  if (document.hidden) setTimeout(draw, 500);
  else requestAnimationFrame(draw);
}

function draw() {
  isDrawPlanned = false;
  drawLink();
  const isConnected = link.name === "open";
  const agents = store.agentsInOrder();
  if (agentId === null || !store.agents.has(agentId)) agentId = agents[0]?.agentId ?? null;
  // Until somebody chooses, what runs is what matters.
  if (!store.commands.has(commandId)) commandId = store.commandsOf(agentId).running[0]?.id ?? null;
  const command = store.commands.get(commandId) ?? null;
  byId("agents-loading").hidden = store.hasAgents;
  byId("agents-empty").hidden = !store.hasAgents || agents.length > 0;
  setText(byId("agent-count"), agents.length > 0 ? String(agents.length) : "");
  setText(byId("summary"), summaryOf(store));
  showAgents(byId("agents"), store, agentId, chooseAgent);
  composer.show(agents, agentId, isConnected);
  const agent = store.agents.get(agentId);
  setText(byId("commands-title"), agent === undefined ? "Commands" : `Commands on ${nameOf(agent)}`);
  showCommands(store, agentId, command, {
    choose: chooseCommand, interrupt, isConnected, isInterrupting: (one) => interrupting.has(one.id),
  });
  outputView.show(command, { now: store.now(), isConnected, isInterrupting: interrupting.has(commandId) });
}

function drawLink() {
  const now = Date.now();
  const words = { open: "Connected", connecting: lostAt > 0 ? "Reconnecting" : "Connecting", waiting: "Not connected", refused: "Signed out", closed: "Signed out" };
  setAttribute(byId("link"), "data-state", link.name);
  setText(byId("link").querySelector(".words"), words[link.name]);
  const isLost = lostAt > 0 && (link.name === "waiting" || link.name === "connecting");
  setAttribute(document.body, "data-stale", isLost && store.hasAgents);
  byId("notice").hidden = !isLost;
  byId("reconnect").hidden = !(link.name === "waiting" && link.offerManual);
  if (!isLost) return;
  const next = link.name === "waiting" ? `Next attempt in ${Math.max(0, Math.ceil((link.retryAt - now) / 1000))} s.` : "Trying now.";
  const state = store.hasAgents
    ? `Connection lost ${wholeDuration(now - lostAt)} ago. You see the state of ${clockTime(lostAt)}; commands go on without this page.`
    : `The server has not answered for ${wholeDuration(now - lostAt)}.`;
  setText(byId("notice-text"), `${state} ${next}`);
}

function chooseAgent(id) {
  agentId = id;
  const { running, queued, ended } = store.commandsOf(id);
  commandId = (running[0] ?? ended[0] ?? queued[0])?.id ?? null;
  plan();
}

function chooseCommand(command) {
  commandId = command.id;
  if (command.agentId) agentId = command.agentId;
  plan();
}

function run(agent, line, priority) {
  const requestId = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (!connection?.send("command:request", { agentId: agent, command: line, priority, requestId })) return false;
  chooseCommand(store.addSent(requestId, agent, line, priority));
  return true;
}

function interrupt(command) {
  if (connection?.send("command:interrupt", { commandId: command.id })) interrupting.add(command.id);
  plan();
}

function receive(message) {
  const { type, payload } = message;
  const ended = store.receive(message);
  if (type === "command:status" && payload.requestId !== undefined && commandId === payload.requestId) commandId = payload.commandId;
  if (ended !== null) {
    interrupting.delete(ended.id);
    setText(byId("announcer"), `${ended.line ?? ended.id} ${commandStates[ended.status].word}`);
  }
  if (type === "error" && payload.recoverable !== false) told(payload);
  if (type === "agent:list" && commandId === null && agentId !== null) chooseAgent(agentId);
  plan();
}

/** Errors that are not the answer to a request when they do not name one. */
const isAboutNoRequest = new Set(["RATE_LIMIT", "COMMAND_TIMEOUT", "COMMAND_NOT_FOUND"]);

function told({ code, message, details }) {
  const refused = details?.requestId === undefined && isAboutNoRequest.has(code) ? null : store.refuse(details?.requestId, message);
  if (code === "COMMAND_NOT_FOUND") interrupting.clear();
  composer.tell(refused === null ? message : `Not run: ${message}.`);
}

function changed(state) {
  link = state;
  if (state.name === "open") {
    lostAt = 0;
    interrupting.clear();
  } else if (lostAt === 0 && (state.name === "waiting")) lostAt = Date.now();
  if (state.name === "refused") signIn(`The server refused the token: ${state.reason}.`);
  plan();
}

// Found from this script's own place, so that the page also works below a path of a proxy.
function door(path) {
  const url = new URL(`../${path}`, import.meta.url);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

function open(token) {
  byId("sign-in").hidden = true;
  byId("desk").hidden = false;
  byId("forget").hidden = false;
  document.body.dataset.screen = "desk";
  connection = new Connection(door("ws/dashboard"), token, { onState: changed, onMessage: receive });
  connection.connect();
}

function signIn(problem) {
  forgetToken();
  forgetRenewal();
  lostAt = 0;
  byId("sign-in").hidden = false;
  byId("desk").hidden = true;
  byId("forget").hidden = true;
  document.body.dataset.screen = "sign-in";
  tellProblem(problem);
  askWho();
  plan();
}

function start() {
  setText(byId("agent-sample"), `pilothouse agent --server ${door("").replace(/\/$/, "")} --id my-agent --token-file token`);
  attend(open);
  byId("forget").addEventListener("click", () => {
    connection?.close();
    // Whether the server hears of it or not, this tab forgets.
    post("auth/logout", {}, findToken()).catch(() => {});
    signIn(null);
  });
  byId("reconnect").addEventListener("click", () => connection?.connect());
  byId("interrupt").addEventListener("click", () => interrupt(store.commands.get(commandId)));
  addEventListener("online", () => { if (link.name === "waiting") connection.connect(); });
  addEventListener("hashchange", () => { if (/^#(code|token)=/.test(location.hash)) { connection?.close(); enter(); } });
  for (const id of ["agents", "running", "queued", "ended"]) moveFocusWithArrows(byId(id));
  composer.onAgent = chooseAgent;
  // Ages and running times go on without messages.
  setInterval(plan, 1000);
  attendRenewal((token) => connection?.renew(token)).then(enter);
}

/** Comes in with what the link or this tab has. */
function enter() {
  const code = findCode();
  const token = findToken();
  if (code !== null) {
    signIn(null);
    useCode(code, open).catch((error) => tellProblem(`The link did not work: ${error.message}.`));
  } else if (token === null) signIn(null);
  else open(token);
}

start();
