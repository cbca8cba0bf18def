// Older output of a worker, piece by piece backwards from a place, as far as a viewer keeps it. Pure.

/** A part of the log. */
export interface Piece {
  readonly data: string;
  readonly startOffset: number;
  readonly endOffset: number;
}

/** How many bytes are asked for at once. */
export const PIECE = 256 * 1024;

/** How many pieces are shown together; the newest give way to older ones, and the other way round. */
const MOST_PIECES = 4;

/** Pieces that follow each other. */
export interface Stretch {
  readonly pieces: readonly Piece[];
  /** The oldest byte that the server keeps, once it is known. */
  readonly firstOffset: number;
}

/** Nothing yet. */
export const NOTHING: Stretch = { pieces: [], firstOffset: 0 };

/** Where what is shown begins and ends. */
export function extent({
  pieces,
}: Stretch): { readonly from: number; readonly to: number } | undefined {
  const [first, last] = [pieces[0], pieces.at(-1)];
  return first === undefined || last === undefined
    ? undefined
    : { from: first.startOffset, to: last.endOffset };
}

/** Which bytes to ask for next. Nothing if there are none. */
export function wanted(
  stretch: Stretch,
  goes: "older" | "newer",
  end: number,
): { readonly from: number; readonly to: number } | undefined {
  const shown = extent(stretch);
  if (goes === "newer") {
    if (shown === undefined || shown.to >= end) return undefined;
    return { from: shown.to, to: Math.min(end, shown.to + PIECE) };
  }
  const to = shown?.from ?? end;
  if (to <= stretch.firstOffset) return undefined;
  return { from: Math.max(stretch.firstOffset, to - PIECE), to };
}

/** What the server answers: the first piece of a range that it has in one go. */
export type Answer = Piece & { readonly firstOffset: number };

/** Asks until all of a range is there, since answers end where the server likes. Holes are marked. */
export async function gather(
  ask: (from: number, to: number) => Promise<Answer>,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<Answer> {
  let piece = await ask(from, to);
  while (piece.endOffset < to) {
    const next = await ask(piece.endOffset, to);
    if (next.endOffset <= piece.endOffset) break;
    const missing = next.startOffset - piece.endOffset;
    const mark = missing > 0 ? `\r\n[${missing} bytes are not kept]\r\n` : "";
    piece = { ...next, data: piece.data + mark + next.data, startOffset: piece.startOffset };
  }
  return piece;
}

/** With a piece more at one end; at the other one goes, if there would be too many. */
export function withPiece({ pieces }: Stretch, piece: Answer, goes: "older" | "newer"): Stretch {
  const { data, startOffset, endOffset, firstOffset } = piece;
  if (endOffset <= startOffset) return { pieces, firstOffset: Math.max(firstOffset, endOffset) };
  const kept = { data, startOffset, endOffset };
  const next =
    goes === "older"
      ? [kept, ...pieces].slice(0, MOST_PIECES)
      : [...pieces, kept].slice(-MOST_PIECES);
  return { pieces: next, firstOffset };
}

/** What to show. A beginning in the middle of a line is left out: it may be in the middle of a sequence, too. */
export function textOf({ pieces, firstOffset }: Stretch): string {
  const text = pieces.map(({ data }) => data).join("");
  if ((pieces[0]?.startOffset ?? 0) <= firstOffset) return text;
  const line = text.indexOf("\n");
  return line === -1 || line > 8192 ? text : text.slice(line + 1);
}
