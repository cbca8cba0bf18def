// Lines that somebody ran before, gone through with the arrow keys as in a shell. Pure.

/** How many are gone through. */
const MOST = 200;

/** Each line once, the newest first. */
export function uniqueLines(lines: Iterable<string>): readonly string[] {
  const unique = new Set<string>();
  for (const line of lines) {
    if (line.trim() !== "") unique.add(line);
    if (unique.size === MOST) break;
  }
  return [...unique];
}

/** Where somebody is: -1 is what they write themselves, which is kept meanwhile. */
export interface Recall {
  readonly at: number;
  readonly draft: string;
}

/** Nothing is recalled. */
export const NO_RECALL: Recall = { at: -1, draft: "" };

/** One line older, or newer; absent if there is none. */
export function recalled(
  lines: readonly string[],
  { at, draft }: Recall,
  text: string,
  direction: "older" | "newer",
): { readonly recall: Recall; readonly text: string } | undefined {
  const to = direction === "older" ? at + 1 : at - 1;
  if (to < -1 || to >= lines.length) return undefined;
  const kept = at === -1 ? text : draft;
  return { recall: { at: to, draft: kept }, text: to === -1 ? kept : (lines[to] ?? kept) };
}

/** Whether an arrow key leaves the text, from where the cursor is. */
export function leavesText(text: string, cursor: number, direction: "older" | "newer"): boolean {
  return direction === "older"
    ? !text.slice(0, cursor).includes("\n")
    : !text.slice(cursor).includes("\n");
}
