// What the company has done for it in browsers: its shop is checked by a script, and another one asks before it goes on.
import { Runs } from "pilothouse-client";
import type { WatchedBrowsers } from "./browsers";
import type { World } from "./world";

/** Makes them; resolves with the one that asks, as soon as it does. */
export async function makeRuns({ program }: World, { site }: WatchedBrowsers): Promise<string> {
  const runs = new Runs(await program.rest("ann", "admin"));
  const look = { type: "navigate", url: site, explanation: "The shop, as customers see it." };
  const guide = {
    type: "navigate",
    url: `${site}guide`,
    explanation: "What the guide says of returns.",
  };
  const where = { agentId: "storefront-checks" };
  const checked = await runs.create({
    ...where,
    script: [look, { type: "extract", selector: "h1" }, guide, { type: "extract", selector: "h1" }],
  });
  await until(async () => (await runs.get(checked.id)).run.status === "COMPLETED");
  const asking = await runs.create({
    ...where,
    script: [
      look,
      { type: "click", role: "button", name: "Into the basket", nth: 1 },
      guide,
      { ...look, explanation: "Back to the goods." },
      { type: "ask", question: "The lamp costs 129.00 €. Is that within the budget?" },
    ],
  });
  await until(async () => (await runs.get(asking.id)).run.waiting != null);
  return asking.id;
}

// The routes tell how things are, and nobody tells when they change.
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((again) => setTimeout(again, 100));
}
