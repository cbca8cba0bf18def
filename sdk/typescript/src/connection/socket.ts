// The WebSocket underneath: the browser's or Node's own, or one that is brought along, such as npm's `ws`.

import { SetupError } from "../errors.js";
import type { Knock } from "./address.js";

/** As much of a WebSocket as is needed. The global one and that of npm's `ws` both fit. */
export interface SocketLike {
  readonly bufferedAmount: number;
  /** How binary messages are handed over; set to `arraybuffer`. */
  binaryType?: string;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "open", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  addEventListener(type: "error", listener: (event: object) => void): void;
  addEventListener(
    type: "close",
    listener: (event: { code: number; reason: string }) => void,
  ): void;
}

/** Opens a WebSocket. `headers` is empty unless the token is to go there. */
export type OpenSocket = (
  url: string,
  protocols: string[],
  headers: Record<string, string>,
) => SocketLike;

/** Opens the global WebSocket, which takes no header fields. */
export const openGlobalSocket: OpenSocket = (url, protocols, headers) => {
  if (typeof WebSocket === "undefined") {
    throw new SetupError(
      "there is no global WebSocket (Node has one from 22 on); bring one along as `openSocket`",
    );
  }
  if (Object.keys(headers).length > 0) {
    throw new SetupError(
      "the global WebSocket takes no header fields; bring another along as `openSocket`",
    );
  }
  return new WebSocket(url, protocols);
};

/** Who is told what a socket does. */
export interface SocketListener {
  opened(): void;
  /** A message: text, or bytes of a binary one. */
  said(message: string | Uint8Array): void;
  closed(code: number, reason: string): void;
}

/** Opens a socket and tells what it does. An error is told as the reason of the close that follows it. */
export function openSocket(open: OpenSocket, knock: Knock, listener: SocketListener): SocketLike {
  const socket = open(knock.url, knock.protocols, knock.headers);
  socket.binaryType = "arraybuffer";
  let error = "";
  socket.addEventListener("open", () => listener.opened());
  socket.addEventListener("message", ({ data }) => {
    if (typeof data === "string") listener.said(data);
    else if (data instanceof ArrayBuffer) listener.said(new Uint8Array(data));
  });
  socket.addEventListener("error", (event) => {
    if ("message" in event && typeof event.message === "string") error = event.message;
  });
  socket.addEventListener("close", ({ code, reason }) => listener.closed(code, reason || error));
  return socket;
}
