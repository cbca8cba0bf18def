// Which entries somebody means who typed a few letters.

import type { PaletteEntry } from "./open";

/** How well a text fits what was typed; 0 if it does not. Beginnings of words count most. */
function closeness(text: string, typed: string): number {
  const at = text.indexOf(typed);
  if (at === 0) return 4;
  if (at > 0) return /[\s/_.-]/.test(text[at - 1] ?? "") ? 3 : 2;
  let from = 0;
  for (const letter of typed) {
    from = text.indexOf(letter, from) + 1;
    if (from === 0) return 0;
  }
  return 1;
}

/** The entries that fit, best first; all of them while nothing is typed. */
export function ranked(entries: readonly PaletteEntry[], typed: string): readonly PaletteEntry[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return entries;
  const scored = entries.map((entry) => {
    const label = entry.label.toLowerCase();
    const rest = `${entry.group} ${entry.words ?? ""} ${entry.hint ?? ""}`.toLowerCase();
    const scores = words.map((word) =>
      Math.max(closeness(label, word) * 2, rest.includes(word) ? 3 : 0),
    );
    const score = scores.includes(0) ? 0 : scores.reduce((sum, one) => sum + one, 0);
    return { entry, score };
  });
  return scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ entry }) => entry);
}
