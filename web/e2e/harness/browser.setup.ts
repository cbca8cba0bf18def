// The one browser of a run: started before the first test, ended after the last.
import { type BrowserServer, chromium } from "playwright-core";
import type { TestProject } from "vitest/node";
import { BROWSER, requireEverything } from "./places";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where the tests reach the browser. */
    browser: string;
  }
}

/** What the browser is started with, here and where figures are taken. */
export const BROWSER_OPTIONS = {
  executablePath: BROWSER,
  args: [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    // So that memory can be read after everything that is not used has been given back.
    "--js-flags=--expose-gc",
  ],
};

let server: BrowserServer | undefined;

/** Starts it, and says where it is. */
export async function setup(project: TestProject): Promise<void> {
  requireEverything();
  server = await chromium.launchServer(BROWSER_OPTIONS);
  project.provide("browser", server.wsEndpoint());
}

/** Ends it. */
export async function teardown(): Promise<void> {
  await server?.close();
}
