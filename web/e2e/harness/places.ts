// Where the program, the browser and the built page are; whoever runs the tests is told what is missing.
import { accessSync, constants, existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The program under test. */
export const PROGRAM = process.env.PILOTHOUSE_BIN ?? "";

/** The browser that opens the page. */
export const BROWSER = process.env.CHROMIUM_BIN ?? "/usr/bin/chromium";

/** The folder of the page's own package. */
export const WEB = fileURLToPath(new URL("../..", import.meta.url));

/** Where pictures of failed tests are put. */
export const FAILURES = fileURLToPath(new URL("../failures", import.meta.url));

function canRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Fails with a sentence that says what to do if something is missing. */
export function requireEverything(): void {
  const missing: string[] = [];
  if (PROGRAM === "") {
    missing.push(
      "PILOTHOUSE_BIN has to name the program: cargo build, then PILOTHOUSE_BIN=../target/debug/pilothouse npm run e2e",
    );
  } else if (!canRun(PROGRAM)) {
    missing.push(`PILOTHOUSE_BIN is ${PROGRAM}, and nothing can be run there: cargo build`);
  }
  if (!canRun(BROWSER)) {
    missing.push(
      `no browser at ${BROWSER}: apt-get install chromium, or name another in CHROMIUM_BIN`,
    );
  }
  if (!existsSync(`${WEB}/dist/index.html`)) missing.push("the page is not built: npm run build");
  if (missing.length > 0) throw new Error(`\n  ${missing.join("\n  ")}\n`);
}
