// People in front of the page: each in a browser context of their own, on a desk or with a phone.
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  devices,
  type Page,
} from "playwright-core";
import type { Complaints } from "./complaints";
import type { Program, Role } from "./program";

/** Who opens the page, with what. */
export interface Visitor {
  readonly user?: string;
  readonly role?: Role;
  readonly screen?: Screen;
  readonly theme?: "light" | "dark";
  /** Where they begin, such as `/sessions`. */
  readonly path?: string;
  readonly calm?: boolean;
  /** How many pixels of the screen are one of the page. */
  readonly pixelRatio?: number;
}

/** A screen that the page is shown on. */
export type Screen = "desk" | "phone";

const SCREENS: Readonly<Record<Screen, BrowserContextOptions>> = {
  desk: { viewport: { width: 1440, height: 900 } },
  phone: {
    viewport: { width: 390, height: 844 },
    userAgent: devices["Pixel 7"]?.userAgent ?? "",
    hasTouch: true,
    isMobile: true,
    deviceScaleFactor: 2,
  },
};

/** How long a page may take for what a test waits for. */
const PATIENCE_MS = 30_000;

/** Opens pages, and closes all of them. */
export class Visitors {
  readonly #contexts: BrowserContext[] = [];

  constructor(
    private readonly browser: Browser,
    private readonly complaints: Complaints,
  ) {}

  /** A context without any page, for whoever is not signed in. */
  async context(program: Program, visitor: Visitor = {}): Promise<BrowserContext> {
    const context = await this.browser.newContext({
      ...SCREENS[visitor.screen ?? "desk"],
      ...(visitor.pixelRatio === undefined ? {} : { deviceScaleFactor: visitor.pixelRatio }),
      baseURL: program.pageUrl,
      colorScheme: visitor.theme ?? "light",
      reducedMotion: visitor.calm === true ? "reduce" : "no-preference",
      permissions: ["clipboard-read", "clipboard-write", "notifications"],
      locale: "en-GB",
      timezoneId: "UTC",
    });
    context.setDefaultTimeout(PATIENCE_MS);
    this.complaints.listen(context, new URL(program.pageUrl).host);
    this.#contexts.push(context);
    return context;
  }

  /** Opens the page and signs in with a link, as somebody without an account. */
  async open(program: Program, visitor: Visitor = {}): Promise<Page> {
    const context = await this.context(program, visitor);
    const page = await context.newPage();
    const token = await program.token(visitor.user ?? "ann", visitor.role ?? "admin");
    await page.goto(`${visitor.path ?? "/"}#token=${token}`);
    await page.getByRole("navigation", { name: "Main" }).waitFor();
    return page;
  }

  /** All pages that are open. */
  get pages(): readonly Page[] {
    return this.#contexts.flatMap((context) => context.pages());
  }

  /** Closes everything. */
  async leave(): Promise<void> {
    await Promise.all(this.#contexts.map((context) => context.close()));
  }
}
