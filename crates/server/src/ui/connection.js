// One connection to /ws/dashboard that comes back by itself: states, back-off, heartbeat.
// It knows the envelope and the greeting, nothing of agents or commands.

export const protocolVersion = "1.0.0";

/** Waits before each attempt, by how many attempts failed before it; the last one repeats. */
const waitsMs = [0, 1000, 2000, 4000, 8000, 16000, 30000];
const failuresBeforeManual = 5;
const heartbeatMs = 30000;
const deadAfterMs = 60000;
/** A connection that ends sooner than this counts as a failure, or a server that greets and closes would be hammered. */
const stableAfterMs = 5000;
const greetingWithinMs = 15000;
const closedByPolicy = 1008;

/** How long to wait before the next attempt; ±20 % so that a crowd does not come back at once. */
export function retryDelayMs(failures, random) {
  const wait = waitsMs[Math.min(failures, waitsMs.length - 1)];
  return Math.round(wait * (0.8 + 0.4 * random()));
}

/**
 * States, told through `onState`:
 * `connecting`, `open`, `waiting {retryAt, failures, offerManual}`, `refused {reason}`, `closed`.
 */
export class Connection {
  #url;
  #token;
  #socket = null;
  #failures = 0;
  #acknowledgedAt = 0;
  #lastMessageAt = 0;
  #sequence = 0;
  #retryTimer = 0;
  #heartbeatTimer = 0;
  #greetingTimer = 0;
  #refusal = null;

  constructor(url, token, { onState, onMessage }) {
    this.#url = url;
    this.#token = token;
    this.onState = onState;
    this.onMessage = onMessage;
  }

  /** Connects now, also when the next attempt was planned for later. */
  connect() {
    clearTimeout(this.#retryTimer);
    this.#drop();
    this.#acknowledgedAt = 0;
    this.onState({ name: "connecting" });
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => this.#introduce();
    socket.onmessage = (event) => this.#receive(event.data);
    socket.onclose = (event) => this.#ended(event.code);
    this.#greetingTimer = setTimeout(() => this.#ended(0), greetingWithinMs);
  }

  /** Goes on with another token of the same person. */
  renew(token) {
    this.#token = token;
    if (this.#acknowledgedAt > 0) this.send("token:refresh", { token });
  }

  /** Ends the connection for good. */
  close() {
    clearTimeout(this.#retryTimer);
    this.#drop();
    this.onState({ name: "closed" });
  }

  /** Sends a message; says whether there was a connection to take it. */
  send(type, payload) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify({ version: protocolVersion, type, timestamp: Date.now(), payload }));
    return true;
  }

  // The token goes in a message and not with the handshake: a browser is not told why a
  // handshake was refused, while a refused message is answered in words.
  #introduce() {
    this.#lastMessageAt = Date.now();
    this.send("dashboard:connect", {
      token: this.#token,
      clientInfo: {
        userAgent: navigator.userAgent,
        timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        viewport: { width: innerWidth, height: innerHeight },
      },
    });
  }

  #receive(text) {
    this.#lastMessageAt = Date.now();
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    if (typeof message?.type !== "string" || typeof message.payload !== "object" || message.payload === null) return;
    if (message.type === "connection:ack" && this.#acknowledgedAt === 0) this.#acknowledged();
    if (message.type === "error" && message.payload.recoverable === false) {
      this.#refusal = String(message.payload.message ?? "the server refused this token");
    }
    this.onMessage(message);
  }

  #acknowledged() {
    clearTimeout(this.#greetingTimer);
    this.#acknowledgedAt = Date.now();
    this.onState({ name: "open" });
    this.#beat();
    this.#heartbeatTimer = setInterval(() => this.#beat(), heartbeatMs);
  }

  #beat() {
    if (Date.now() - this.#lastMessageAt > deadAfterMs) this.#ended(0);
    else this.send("heartbeat", { sequence: ++this.#sequence });
  }

  #ended(code) {
    const wasStable = this.#acknowledgedAt > 0 && Date.now() - this.#acknowledgedAt >= stableAfterMs;
    this.#drop();
    if (this.#refusal !== null || code === closedByPolicy) {
      this.onState({ name: "refused", reason: this.#refusal ?? "the server closed the connection as not allowed" });
      return;
    }
    this.#failures = wasStable ? 0 : this.#failures + 1;
    const delay = retryDelayMs(this.#failures, Math.random);
    this.onState({
      name: "waiting",
      retryAt: Date.now() + delay,
      failures: this.#failures,
      offerManual: this.#failures >= failuresBeforeManual,
    });
    this.#retryTimer = setTimeout(() => this.connect(), delay);
  }

  #drop() {
    clearInterval(this.#heartbeatTimer);
    clearTimeout(this.#greetingTimer);
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}
