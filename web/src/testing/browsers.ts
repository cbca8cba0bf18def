// A session's browser as the server lists it.

import type { Browser } from "pilothouse-client";

/** Of session s1: open, nobody steers, and it shows a shop, unless a test wants otherwise. */
export const browser = (more: Partial<Browser> = {}): Browser => ({
  sessionId: "s1",
  agentId: "build-1",
  state: "open",
  url: "https://shop.test/",
  title: "The shop",
  tabs: [],
  viewport: { width: 1280, height: 720 },
  since: 1_767_225_600_000,
  live: true,
  watchers: 1,
  runId: null,
  control: { holder: null, epoch: 0, until: null },
  ...more,
});
