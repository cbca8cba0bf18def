// What is taken along of a run: its commands as a script, and a report with every picture that is kept.

import type { Run, RunStep, Runs } from "pilothouse-client";
import { save } from "@/ui/save";
import { reportOf } from "./report";

/** How many pictures are fetched at once. */
const AT_ONCE = 4;

/** Whether there is a script that does the same again. */
export const hasCommands = ({ commands }: Run): boolean => (commands?.length ?? 0) > 0;

/** Saves the script. */
export async function exportScript({ id, commands }: Run): Promise<void> {
  const text = `${JSON.stringify(commands ?? [], null, 2)}\n`;
  const file = new Response(text, { headers: { "content-type": "application/json" } });
  await save(file, `${id}.json`);
}

/** Saves the report. A picture that is not kept any more is left out. */
export async function exportReport(
  runs: Pick<Runs, "screenshot">,
  run: Run,
  steps: readonly RunStep[],
): Promise<void> {
  const pictures = new Map<number, string>();
  const wanted = steps.filter(({ hasScreenshot }) => hasScreenshot).values();
  const fetchOn = async () => {
    for (const { number } of wanted) {
      const picture = await runs.screenshot(run.id, number).catch(() => undefined);
      if (picture !== undefined) pictures.set(number, await dataAddress(picture));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, fetchOn));
  const text = reportOf(run, steps, pictures, new Date().toISOString());
  const file = new Response(text, { headers: { "content-type": "text/html;charset=utf-8" } });
  await save(file, `${run.id}.html`);
}

/** A picture as an address that has all of it. */
async function dataAddress(picture: Blob): Promise<string> {
  const bytes = new Uint8Array(await picture.arrayBuffer());
  let text = "";
  // A call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 32_768) {
    text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  }
  const type = bytes[0] === 0x89 ? "image/png" : "image/jpeg";
  return `data:${type};base64,${btoa(text)}`;
}
