// What servers say of a browser, for tests: nobody steers, and pictures come, unless a test wants otherwise.

import type { LiveControl, LiveStatus } from "../protocols/live/messages.js";

/** Who steers. */
export const control = (more: Partial<LiveControl> = {}): LiveControl & { type: "control" } => ({
  type: "control",
  holder: null,
  you: false,
  epoch: 1,
  waiting: [],
  mayRequest: true,
  ...more,
});

/** How the stream is. */
export const status = (more: Partial<LiveStatus> = {}): LiveStatus & { type: "status" } => ({
  type: "status",
  sessionId: "s1",
  live: true,
  recording: false,
  ...more,
});
