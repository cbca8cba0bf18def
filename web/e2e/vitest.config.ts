// How the tests in a real browser are run: one file after the other, each test once.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here(".."),
  resolve: {
    alias: { "pilothouse-client": here("../../sdk/typescript/src/index.ts") },
  },
  test: {
    environment: "node",
    include: ["e2e/**/*.e2e.ts"],
    globalSetup: [here("harness/browser.setup.ts")],
    // One browser and one server at a time: whoever runs this has two cores, and times are printed.
    fileParallelism: false,
    maxWorkers: 1,
    isolate: false,
    // Agents that are played here speak WebSocket; Node 20 has to be told.
    execArgv: ["--experimental-websocket"],
    // A browser, a server and agents on one machine: what fails is tried once more, and the report says so.
    retry: 1,
    // Bounds for machines that do much else; on a quiet one nothing takes a tenth of them.
    testTimeout: 180_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000, interval: 50 } },
    reporters: ["verbose"],
  },
});
