// Refusals as sentences: servers and browsers say them with a small letter and without a full stop.

/** The same words with a capital at their beginning. */
export const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

/** What went wrong, as a sentence. */
export function sentence(error: unknown): string {
  const words = (error instanceof Error ? error.message : String(error)).trim();
  if (words === "") return "Something went wrong.";
  const begun = capital(words);
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}
