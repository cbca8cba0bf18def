// Output read back, from wherever, to its end or for as long as it grows.

import type { OutputPiece, OutputReply } from "../wire/rest.js";
import type { RestClient } from "./client.js";

/** Where to begin, and whether to stay. */
export interface OutputOptions {
  /** How many bytes of the output are had already; 0 if absent. */
  readonly from?: number | undefined;
  /** `stdout` or `stderr` alone; both if absent. */
  readonly stream?: "stdout" | "stderr" | undefined;
  /** Whether to wait for what is still to come, until the command has ended; otherwise what is there is all. */
  readonly waits?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A piece of output, or word that the bytes before `position` are not kept any more. */
export type ReadOutput =
  | ({ readonly kind: "output" } & OutputPiece)
  | { readonly kind: "pruned"; readonly from: number; readonly position: number };

/** How long one request waits for more: shorter than proxies do. */
const WAIT = "25s";

/** What a command wrote, byte for byte, a request for each page. */
export async function* commandOutput(
  rest: RestClient,
  commandId: string,
  options: OutputOptions = {},
): AsyncGenerator<ReadOutput, void> {
  const { stream, waits = false, signal } = options;
  let from = options.from ?? 0;
  for (;;) {
    const page: OutputReply = await rest.call("GET /api/v1/commands/{command}/output", {
      path: { command: commandId },
      query: { from, ...(stream && { stream }), ...(waits && { wait: WAIT }) },
      signal,
    });
    if (page.pruned > from) yield { kind: "pruned", from, position: page.pruned };
    for (const piece of page.output) yield { kind: "output", ...piece };
    const hasMore = page.next > from;
    from = page.next;
    if (page.end || (!waits && !hasMore)) return;
  }
}
