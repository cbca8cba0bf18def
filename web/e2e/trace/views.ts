// The views that a trace looks at, and how somebody gets there.
import type { Page } from "playwright-core";
import type { Terminal } from "./terminals";

/** Opens a view of a page that is signed in; resolves when it shows what it is for. */
export type View = (page: Page, visible: readonly Terminal[]) => Promise<void>;

/** By the name that `--views` takes. */
export const VIEWS: Readonly<Record<string, View>> = {
  /** A page without rows: what keeping everything true costs by itself. */
  quiet: async (page) => {
    await page.goto("/settings");
    await page.getByRole("heading", { name: "Settings" }).waitFor();
  },
  fleet: async (page) => {
    await page.goto("/");
    await page.getByText("fleet-0001").first().waitFor();
  },
  sessions: async (page) => {
    await page.goto("/sessions?order=name");
    await page.getByRole("link", { name: "Trace 1", exact: true }).waitFor();
  },
  terminals: async (page, visible) => {
    const show = visible.map(({ sessionId, workerId }) => `${sessionId}/${workerId}`).join(",");
    await page.goto(`/wall?show=${show}`);
    await page
      .getByRole("group", { name: /^Terminal / })
      .nth(visible.length - 1)
      .waitFor();
  },
};
