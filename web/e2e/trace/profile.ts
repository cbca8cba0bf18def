// Where a page's time goes: a profile of the browser's own, summed up by function.
import { writeFile } from "node:fs/promises";
import type { CDPSession, Page } from "playwright-core";

const MOST = 25;

/** A profile that is being taken. */
export class Profile {
  private constructor(private readonly devtools: CDPSession) {}

  /** Begins one. */
  static async begin(page: Page): Promise<Profile> {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Profiler.enable");
    await devtools.send("Profiler.setSamplingInterval", { interval: 500 });
    await devtools.send("Profiler.start");
    return new Profile(devtools);
  }

  /** Ends it, keeps it in a file that browsers can open, and gives the costliest functions, a line each. */
  async end(path: string): Promise<string> {
    const { profile } = await this.devtools.send("Profiler.stop");
    await this.devtools.detach();
    await writeFile(path, JSON.stringify(profile));
    const own = new Map<number, number>();
    for (const [index, id] of (profile.samples ?? []).entries()) {
      own.set(id, (own.get(id) ?? 0) + (profile.timeDeltas?.[index] ?? 0) / 1000);
    }
    const children = new Map(profile.nodes.map(({ id, children }) => [id, children ?? []]));
    const withAll = (id: number): number =>
      (children.get(id) ?? []).reduce((sum, child) => sum + withAll(child), own.get(id) ?? 0);
    const named = new Map<string, { self: number; whole: number }>();
    for (const { id, callFrame } of profile.nodes) {
      const { functionName, url, lineNumber } = callFrame;
      const name = `${functionName || "(anonymous)"} ${url.split("/").at(-1)}:${lineNumber + 1}`;
      const sum = named.get(name) ?? { self: 0, whole: 0 };
      named.set(name, { self: sum.self + (own.get(id) ?? 0), whole: sum.whole + withAll(id) });
    }
    return [...named]
      .sort(([, one], [, other]) => other.self - one.self)
      .slice(0, MOST)
      .map(
        ([name, { self, whole }]) =>
          `${self.toFixed(0).padStart(7)} ms  ${whole.toFixed(0).padStart(7)} ms with what it calls  ${name}`,
      )
      .join("\n");
  }
}
