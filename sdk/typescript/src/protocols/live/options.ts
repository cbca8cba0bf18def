// What users choose about a live view, what it tells, and the address that this makes.

import type { ConnectionOptions } from "../../connection/options.js";
import type { ClientEvents } from "../client.js";
import type {
  LiveControl,
  LivePicture,
  LiveRefusal,
  LiveStatus,
  LiveTab,
  LiveWatcher,
  Pacing,
} from "./messages.js";

/** Which browser, and how its pictures are to come. */
export interface LiveOptions extends ConnectionOptions {
  readonly sessionId: string;
  /** Whether pictures come as bytes, a quarter less than base64; so if absent. */
  readonly binary?: boolean | undefined;
  /** Whether all else is told beside pictures, and the browser can be steered; so if absent. */
  readonly events?: boolean | undefined;
  /** At most so many pictures in a second, 1 to 120. */
  readonly maxFps?: number | undefined;
  /** `ack` if absent: the next picture comes when the last was taken. */
  readonly pacing?: Pacing | undefined;
  /** Whether the user calls `acknowledge` when a picture was drawn; otherwise it is done when it was told. */
  readonly acknowledgesByHand?: boolean | undefined;
  /** A recording to be played in place of what is live. */
  readonly replay?: { readonly recording: string; readonly speed?: number } | undefined;
}

/** Why what is shown last is not how it is now. */
export interface Staleness {
  /** Since when, in milliseconds since 1970. */
  readonly since: number;
  /** `connection`: the server cannot be reached; `stream`: nobody sends pictures. */
  readonly cause: "connection" | "stream";
  /** In words, for people. */
  readonly reason: string;
}

/** What is told about a browser. All but pictures and connections need `events`. */
export interface LiveEvents extends ClientEvents {
  picture: LivePicture;
  status: LiveStatus;
  tabs: readonly LiveTab[];
  watchers: readonly LiveWatcher[];
  control: LiveControl;
  /** What was copied in the browser, to whoever asked for it with `copy`. */
  clipboard: string;
  /** What is shown is old, and since when; nothing when it is not. */
  stale: Staleness | undefined;
  /** An input or a wish was refused. */
  refused: LiveRefusal;
}

/** The door, with all that is chosen in its query. */
export function livePath(
  options: LiveOptions,
  { maxFps, pacing }: { readonly maxFps: number | undefined; readonly pacing: Pacing },
): string {
  const query = new URLSearchParams();
  if (options.binary !== false) query.set("binary", "1");
  if (options.events !== false) query.set("events", "1");
  if (pacing === "ack") query.set("pacing", "ack");
  if (maxFps !== undefined) query.set("maxFps", String(maxFps));
  if (options.replay !== undefined) {
    query.set("replay", options.replay.recording);
    if (options.replay.speed !== undefined) query.set("speed", String(options.replay.speed));
  }
  const door = `/ws/view/${encodeURIComponent(options.sessionId)}`;
  return query.size === 0 ? door : `${door}?${query}`;
}
