// How a run is, as a word with a colour.

import type { Run } from "pilothouse-client";
import { Status } from "@/ui/Badge";
import { standingOf } from "./standing";

/** See the top of the file. */
export function RunState({ run }: { readonly run: Run }) {
  const { words, tone, isLive } = standingOf(run);
  return (
    <Status tone={tone} pulses={isLive}>
      {words}
    </Status>
  );
}
