// Marks the lines that a command wrote to stderr, by a bar before them, so that they can be told apart without colour.

/** Saves place and colours, draws a bar, goes back to both, and leaves room for the bar. */
const MARK = "\x1b7\x1b[0;31m▌\x1b8\x1b[2C";

/** The bar as it is in copied text. */
const COPIED_MARK = /^▌ /gm;

/** Puts marks into the pieces of one output, in their order. */
export class Marks {
  #isAtLineStart = true;

  /** The piece as it is to be shown. */
  mark(stream: string, text: string): string {
    const wasAtLineStart = this.#isAtLineStart;
    if (text !== "") this.#isAtLineStart = text.endsWith("\n");
    if (stream !== "stderr") return text;
    const marked = text.replace(/\n(?!$)/g, `\n${MARK}`);
    return wasAtLineStart && text !== "" ? MARK + marked : marked;
  }

  /** A line of its own comes next: what is needed before it. */
  breakLine(): string {
    const isNeeded = !this.#isAtLineStart;
    this.#isAtLineStart = true;
    return isNeeded ? "\n" : "";
  }
}

/** Text that was selected, without the marks. */
export const withoutMarks = (text: string): string => text.replace(COPIED_MARK, "");
