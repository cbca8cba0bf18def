// Where the words that somebody searched for are in a text.

/** A piece of a text, and whether it is one of the words. */
export interface Piece {
  readonly text: string;
  readonly isMarked: boolean;
  /** How many characters of the text come before it. */
  readonly at: number;
}

const WORD = /[\p{Alphabetic}\p{N}]+/gu;

/** The words of a query, as search by words takes them: letters and digits, everything else parts them. */
export const wordsOf = (query: string): ReadonlySet<string> =>
  new Set(query.toLowerCase().match(WORD) ?? []);

/** The parts of a query, as search for parts of a line takes them: whatever spaces part. */
const partsOf = (query: string): readonly string[] =>
  query
    .toLowerCase()
    .split(/\s+/)
    .filter((part) => part !== "");

function cut(text: string, places: readonly (readonly [number, number])[]): readonly Piece[] {
  const pieces: Piece[] = [];
  let done = 0;
  const add = (end: number, isMarked: boolean) => {
    if (end > done) pieces.push({ text: text.slice(done, end), isMarked, at: done });
    done = Math.max(done, end);
  };
  for (const [begin, end] of places) {
    add(begin, false);
    add(end, true);
  }
  add(text.length, false);
  return pieces;
}

/** A text in pieces, with whole words of `query` marked. */
export function markedWords(text: string, query: string): readonly Piece[] {
  const words = wordsOf(query);
  if (words.size === 0) return cut(text, []);
  const found = [...text.matchAll(WORD)].filter(([word]) => words.has(word.toLowerCase()));
  return cut(
    text,
    found.map((match) => [match.index, match.index + match[0].length] as const),
  );
}

/** A text in pieces, with everything marked that is one of the parts of `query`. */
export function markedParts(text: string, query: string): readonly Piece[] {
  const lower = text.toLowerCase();
  // Where lower case is longer than the original, places would not agree.
  if (lower.length !== text.length) return cut(text, []);
  const places: (readonly [number, number])[] = [];
  for (const part of partsOf(query)) {
    for (let at = lower.indexOf(part); at >= 0; at = lower.indexOf(part, at + part.length)) {
      places.push([at, at + part.length]);
    }
  }
  return cut(
    text,
    places.sort(([one], [other]) => one - other),
  );
}

/** The line of an excerpt that has the first word, with the lines next to it. */
export function linesAround(excerpt: string, query: string, beside = 1): string {
  const lines = excerpt.split("\n");
  const found = lines.findIndex((line) => markedWords(line, query).some((piece) => piece.isMarked));
  const at = Math.max(0, found);
  return lines.slice(Math.max(0, at - beside), at + beside + 1).join("\n");
}
