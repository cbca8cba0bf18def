// Brings a recording into a player while it is downloaded.

import { CastReader } from "./cast";
import type { Player } from "./player";

/** Characters that are read at once, so that the page stays quick however fast they come. */
const AT_ONCE = 128 * 1024;

const pause = () => new Promise<void>((resolve) => setTimeout(resolve));

/** Loads all of it. What came before a failure stays. */
export async function load(answer: Response, player: Player, signal: AbortSignal): Promise<void> {
  const reader = new CastReader();
  const decoder = new TextDecoder();
  const body = answer.body?.getReader();
  try {
    for (;;) {
      const { done, value } = (await body?.read()) ?? { done: true, value: undefined };
      const text = decoder.decode(value, { stream: !done });
      for (let at = 0; at < text.length; at += AT_ONCE) {
        if (signal.aborted) return;
        const events = reader.read(text.slice(at, at + AT_ONCE));
        player.load(reader.header, events, false);
        if (at + AT_ONCE < text.length) await pause();
      }
      if (done) break;
    }
    player.load(reader.header, reader.end(), true);
  } finally {
    if (signal.aborted) void body?.cancel();
  }
}
