// A text with words that were searched for marked in it.

import { markedParts, markedWords, type Piece } from "./marks";

const Pieces = ({ pieces }: { readonly pieces: readonly Piece[] }) =>
  pieces.map(({ text, isMarked, at }) =>
    isMarked ? (
      <mark key={at} className="rounded-sm bg-warn-soft font-semibold text-warn">
        {text}
      </mark>
    ) : (
      text
    ),
  );

/** Marks whole words, or with `parts` whatever is the same. */
export function Marked({
  text,
  query,
  by = "words",
}: {
  readonly text: string;
  readonly query: string;
  readonly by?: "words" | "parts";
}) {
  return <Pieces pieces={by === "words" ? markedWords(text, query) : markedParts(text, query)} />;
}
