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
};
