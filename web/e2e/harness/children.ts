// Processes that the tests start: none outlives the test run, however that ends.
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";

const running = new Set<ChildProcess>();

process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Starts a program that ends with this process at the latest. */
export function start(file: string, words: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(file, words, options);
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

/** Resolves when it has ended. */
export function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once("exit", () => resolve());
  });
}

/** Sends a signal, and resolves when it has ended. */
export async function end(child: ChildProcess, signal: "SIGKILL" | "SIGTERM"): Promise<void> {
  child.kill(signal);
  await ended(child);
}

/** What it prints, on either stream, once the pattern is in it; fails with everything that was said if it ends before. */
export function printed(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let text = "";
    const look = (chunk: Buffer) => {
      text += chunk.toString();
      const match = pattern.exec(text);
      if (match !== null) resolve(match);
    };
    child.stdout?.on("data", look);
    child.stderr?.on("data", look);
    child.once("exit", (code) =>
      reject(new Error(`${child.spawnfile} ended with ${code}: ${text}`)),
    );
    child.once("error", reject);
  });
}
