// The client of seed 004's document, its class as it was written (without types), run to the end of a run.
// Only its clock is faster, since it waits 5 s and more before it comes back: 50 times if nothing else is said.
import WebSocket from "ws";
import { say } from "../mission_control/say.mjs";

const [address, token, runId, faster = "50"] = process.argv.slice(2);
const window = { setInterval: (beat, ms) => globalThis.setInterval(beat, ms / Number(faster)) };
const setTimeout = (then, ms) => globalThis.setTimeout(then, ms / Number(faster));
const console = { log: (text) => say("log", { text }), error: (text) => say("log", { text }) };

class AgentWebSocketClient {
  reconnectAttempts = 0;
  maxReconnectAttempts = 5;

  constructor(serverUrl, token) {
    this.serverUrl = serverUrl;
    this.token = token;
    this.connect();
  }

  connect() {
    this.ws = new WebSocket(this.serverUrl);
    this.setupEventListeners();
    this.startHeartbeat();
  }

  setupEventListeners() {
    this.ws.onopen = () => {
      console.log("Connected to WebSocket");
      this.authenticate();
      this.reconnectAttempts = 0;
    };

    this.ws.onmessage = (event) => {
      const message = JSON.parse(event.data);
      this.handleMessage(message);
    };

    this.ws.onclose = () => {
      console.log("WebSocket connection closed");
      this.handleReconnect();
    };

    this.ws.onerror = (error) => {
      console.error("WebSocket error:", error);
    };
  }

  authenticate() {
    const authMessage = {
      type: "authenticate",
      token: this.token,
    };
    this.send(authMessage);
  }

  handleMessage(message) {
    switch (message.type) {
      case "authentication":
        this.handleAuthenticationResponse(message);
        break;
      case "step_update":
        this.handleStepUpdate(message);
        break;
      case "completion":
        this.handleCompletion(message);
        break;
      case "error":
        this.handleError(message);
        break;
    }
  }

  startHeartbeat() {
    this.heartbeatInterval = window.setInterval(() => {
      if (this.ws.readyState === WebSocket.OPEN) {
        this.ws.send("ping");
      }
    }, 30000);
  }

  startAgent(runId) {
    const message = {
      type: "start_agent",
      runId,
    };
    this.send(message);
  }

  send(message) {
    if (this.ws.readyState === WebSocket.OPEN) {
      this.ws.send(JSON.stringify(message));
    } else {
      console.error("WebSocket is not connected");
    }
  }

  handleReconnect() {
    if (this.reconnectAttempts < this.maxReconnectAttempts) {
      this.reconnectAttempts++;
      setTimeout(() => this.connect(), 5000 * this.reconnectAttempts);
    }
  }

  close() {
    if (this.heartbeatInterval) {
      clearInterval(this.heartbeatInterval);
    }
    this.ws.close();
  }

  handleAuthenticationResponse() {}
  handleStepUpdate() {}
  handleCompletion() {}
  handleError() {}
}

/** What its users implement, as the document says. */
class Shown extends AgentWebSocketClient {
  handleAuthenticationResponse(message) {
    say("authentication", { message });
    if (message.status === "success") this.startAgent(runId);
  }
  handleStepUpdate(message) {
    say("step_update", { message });
  }
  handleCompletion(message) {
    say("completion", { message });
  }
  handleError(message) {
    say("error", { message });
  }
}

const client = new Shown(address, token);
process.stdin.on("data", () => {}).on("end", () => {
  client.close();
  process.exit();
});
