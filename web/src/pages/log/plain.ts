// What a terminal printed as text to read: without colours, moves and titles. Nothing that was painted over is left out.

type State = "text" | "escape" | "control" | "command" | "commandEscape" | "last";

/** Where a character leads while an escape sequence is read. */
function follow(state: State, character: string): State {
  if (state === "text") return "text";
  if (state === "command") {
    if (character === "\x1b") return "commandEscape";
    return character === "\x07" || character === "\x9c" ? "text" : "command";
  }
  if (state === "commandEscape") return character === "\\" ? "text" : "command";
  if (character === "\x1b") return "escape";
  if (state === "control") return character >= "@" && character <= "~" ? "text" : "control";
  if (state === "last") return "text";
  if (character === "[") return "control";
  if ("]P_^X".includes(character)) return "command";
  return character >= " " && character <= "/" ? "last" : "text";
}

/** Reads output in its order; sequences may be cut anywhere. */
export class PlainText {
  #state: State = "text";
  /** The end of what was read: a space or the end of a line needs no other after it. */
  #last = "\n";
  #hasReturned = false;

  /** The text of the next piece. */
  read(output: string): string {
    let text = "";
    const push = (more: string) => {
      text += more;
      this.#last = more;
    };
    for (const character of output) {
      const before = this.#state;
      if (before !== "text" || character === "\x1b") {
        this.#state = before === "text" ? "escape" : follow(before, character);
        const isMove = before === "control" && this.#state === "text" && character !== "m";
        // Words on both sides of a move are two words.
        if (isMove && this.#last !== "\n" && this.#last !== " ") push(" ");
        continue;
      }
      // A return to the beginning of the line, without a new one, begins to write over it: both are shown.
      if (this.#hasReturned && character !== "\n" && character !== "\r" && this.#last !== "\n") {
        push("\n");
      }
      this.#hasReturned = character === "\r";
      if (character === "\n" || character === "\t" || character >= " ") {
        if (character !== "\x7f") push(character);
      }
    }
    return text;
  }
}
