// Pages of a log as blocks of whole lines, which begin anew at the place that somebody looks for.

import type { rest } from "pilothouse-client";
import { PlainText } from "./plain";

/** Some lines. */
export interface Block {
  /** How many bytes of the log come before it. */
  readonly position: number;
  /** When its first byte was stored. */
  readonly at: string;
  readonly text: string;
}

/** A block ends with the first line after so many characters. */
const LARGE = 8 * 1024;

/** A page of the log, without what another page has. */
export interface LogPage {
  readonly reply: rest.OutputReply;
  /** Where the next page begins, if that is shown already. */
  readonly until: number | undefined;
}

/** The first bytes of a text. */
function head(text: string, bytes: number): string {
  const all = new TextEncoder().encode(text);
  return bytes >= all.length ? text : new TextDecoder().decode(all.subarray(0, bytes));
}

function* piecesOf(pages: readonly LogPage[]): Generator<rest.OutputPiece> {
  for (const { reply, until } of pages) {
    for (const piece of reply.output) {
      if (until === undefined) yield piece;
      else if (piece.position < until) {
        yield { ...piece, text: head(piece.text, until - piece.position) };
      }
    }
  }
}

/** The blocks; one of them begins with the first piece that is not before `place`. */
export function blocksOf(pages: readonly LogPage[], place: number): readonly Block[] {
  const plain = new PlainText();
  const blocks: Block[] = [];
  let open: { position: number; at: string; text: string } | undefined;
  /** Closes the block; a line that is not over goes on in the next one. */
  const close = (isLast: boolean): string => {
    if (open === undefined) return "";
    const line = isLast ? open.text.length : open.text.lastIndexOf("\n") + 1;
    const text = open.text.slice(0, line).replace(/\n$/, "");
    if (text !== "") blocks.push({ ...open, text });
    const rest = open.text.slice(line);
    open = undefined;
    return rest;
  };
  for (const piece of piecesOf(pages)) {
    const isPlace = open !== undefined && open.position < place && piece.position >= place;
    const isLarge = open !== undefined && open.text.length >= LARGE && open.text.includes("\n");
    const begun = isPlace || isLarge ? close(false) : "";
    open ??= { position: piece.position, at: piece.at, text: begun };
    open.text += plain.read(piece.text);
  }
  close(true);
  return blocks;
}
