// What is written on a terminal's screen in the page, and keys that are typed into it.
import type { Locator, Page } from "playwright-core";

/** The visible lines of a terminal or of a command's output, without blanks at their ends. */
export async function linesOf(place: Locator): Promise<readonly string[]> {
  const rows = await place.locator(".xterm-rows > div").allTextContents();
  return rows.map((row) => row.replaceAll("\u00a0", " ").trimEnd());
}

/** The terminal of that name. */
export const terminalOf = (page: Page, name: string): Locator =>
  page.getByRole("group", { name: `Terminal ${name}` });

/** Types a line into a terminal, as somebody does who has clicked into it. */
export async function typeLine(terminal: Locator, line: string): Promise<void> {
  await terminal.getByRole("textbox").first().focus();
  await terminal.page().keyboard.type(line);
  await terminal.page().keyboard.press("Enter");
}
