// Going somewhere by keys alone, through the command palette.
import type { Page } from "playwright-core";

/** Opens the palette, types a name, and takes the first entry that has it. */
export async function goByKeys(page: Page, name: string): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.type(name);
  await page.getByRole("option", { name }).first().waitFor();
  await page.keyboard.press("Enter");
}
