// Which of the marked words somebody means who comes from a search: the line that has the most of them.

import { markedWords, wordsOf } from "@/ui/marks";

/** What was found so far. */
export interface Target {
  /** Which of the marks it is, counted from 0; `undefined` if there is none. */
  readonly mark: number | undefined;
  /** Whether all words of the search are there, so that nothing more has to be read. */
  readonly isComplete: boolean;
}

/** The target in texts that follow each other. */
export function targetIn(texts: readonly string[], query: string): Target {
  const wanted = wordsOf(query);
  const seen = new Set<string>();
  let mark = 0;
  let best: { readonly mark: number; readonly words: number } | undefined;
  for (const text of texts) {
    let line = { mark, words: new Set<string>() };
    for (const piece of markedWords(text, query)) {
      if (!piece.isMarked) {
        if (piece.text.includes("\n")) line = { mark, words: new Set() };
        continue;
      }
      const word = piece.text.toLowerCase();
      seen.add(word);
      line.words.add(word);
      mark += 1;
      if (best === undefined || line.words.size > best.words) {
        best = { mark: line.mark, words: line.words.size };
      }
    }
  }
  return { mark: best?.mark, isComplete: seen.size === wanted.size };
}
