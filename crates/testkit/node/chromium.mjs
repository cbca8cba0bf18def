// A real browser without a window, ended with the script that started it.
import { chromium } from "playwright-core";

/** Starts it; the machine's own, since the tests install that. */
export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
