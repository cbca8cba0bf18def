// Turns the output of one command into a bounded list of lines made of styled spans.
// Colours and weights are kept; every other escape sequence is dropped, as is all of it that moves a cursor.

const maxLines = 2000;
const maxLineLength = 4000;
/** An escape sequence that is longer than this is not one. */
const maxEscapeLength = 4096;

const escapeSequence = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[ -/]*[0-Z\\^-~])/y;
const plainText = /[^\x00-\x08\x0a-\x1f\x7f\x9b]+/y;

/** The lines of one command. `first` is the number of the oldest line that is still there. */
export class Output {
  lines = [];
  first = 0;
  lastSequence = 0;
  /** Grows with every change, so that a view knows whether it is up to date. */
  version = 0;
  #streams = new Map();
  #openStream = null;

  /** Takes a piece of output. Pieces that came before are ignored; missing ones are told in a line. */
  append(stream, text, sequence) {
    if (Number.isInteger(sequence)) {
      if (sequence <= this.lastSequence) return;
      if (sequence > this.lastSequence + 1) this.#note(this.lastSequence === 0 ? "earlier output is not shown" : "output is missing here");
      this.lastSequence = sequence;
    }
    const state = this.#stateOf(stream);
    if (this.#openStream !== stream) this.#endLine();
    const input = state.rest + text;
    state.rest = "";
    this.#consume(input, stream, state);
    this.version++;
  }

  /** The server says in words that output is missing up to the piece of that number. */
  skip(words, nextSequence) {
    this.#note(words);
    if (Number.isInteger(nextSequence)) this.lastSequence = Math.max(this.lastSequence, nextSequence - 1);
    this.version++;
  }

  /** All that is left, as plain text. */
  text() {
    return this.lines.map((line) => line.spans.map((span) => span.text).join("")).join("\n");
  }

  #stateOf(stream) {
    let state = this.#streams.get(stream);
    if (state === undefined) {
      state = { style: plainStyle(), rest: "", restart: false };
      this.#streams.set(stream, state);
    }
    return state;
  }

  #consume(input, stream, state) {
    let at = 0;
    while (at < input.length) {
      const code = input.charCodeAt(at);
      if (code === 0x1b) {
        escapeSequence.lastIndex = at;
        const match = escapeSequence.exec(input);
        if (match !== null) {
          if (match[0].startsWith("\x1b[") && match[0].endsWith("m")) applyStyle(state.style, match[0].slice(2, -1));
          at += match[0].length;
        } else if (input.length - at < maxEscapeLength) {
          state.rest = input.slice(at);
          return;
        } else at++;
      } else if (code === 0x0a) {
        this.#endLine(stream);
        state.restart = false;
        at++;
      } else if (code === 0x0d) {
        state.restart = true;
        at++;
      } else {
        plainText.lastIndex = at;
        const match = plainText.exec(input);
        if (match === null) at++;
        else {
          this.#write(match[0], stream, state);
          at += match[0].length;
        }
      }
    }
  }

  #write(text, stream, state) {
    let line = this.lines.at(-1);
    if (this.#openStream !== stream) {
      line = this.#startLine(stream);
      this.#openStream = stream;
    } else if (state.restart) {
      // A carriage return begins the line anew, as progress bars want it.
      line.spans = [];
      line.length = 0;
    }
    state.restart = false;
    const room = maxLineLength - line.length;
    if (room <= 0) return;
    line.spans.push({ text: text.slice(0, room), className: classOf(state.style) });
    line.length += text.length;
    line.version = this.version + 1;
  }

  #startLine(stream) {
    const line = { stream, spans: [], length: 0, version: this.version + 1 };
    this.lines.push(line);
    // Bounded: the oldest lines give way.
    if (this.lines.length > maxLines * 1.25) {
      const excess = this.lines.length - maxLines;
      this.lines.splice(0, excess);
      this.first += excess;
    }
    return line;
  }

  #endLine(stream) {
    // A line feed without text before it is an empty line.
    if (stream !== undefined && this.#openStream !== stream) this.#startLine(stream);
    this.#openStream = null;
  }

  #note(text) {
    this.#endLine();
    this.#startLine("note").spans.push({ text, className: "" });
  }
}

function plainStyle() {
  return { colour: -1, background: -1, bold: false, dim: false, italic: false, underline: false, inverse: false };
}

function classOf(style) {
  const names = [];
  const [front, back] = style.inverse ? [style.background, style.colour] : [style.colour, style.background];
  if (style.inverse) names.push("inverse");
  if (front >= 0) names.push(`fg${front}`);
  if (back >= 0) names.push(`bg${back}`);
  for (const name of ["bold", "dim", "italic", "underline"]) if (style[name]) names.push(name);
  return names.join(" ");
}

const switches = new Map([
  [1, ["bold", true]], [2, ["dim", true]], [3, ["italic", true]], [4, ["underline", true]], [7, ["inverse", true]],
  [23, ["italic", false]], [24, ["underline", false]], [27, ["inverse", false]],
]);

function applyStyle(style, parameters) {
  const codes = parameters.split(/[;:]/).map((part) => Number.parseInt(part || "0", 10));
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at];
    const change = switches.get(code);
    if (change !== undefined) style[change[0]] = change[1];
    else if (code === 0) Object.assign(style, plainStyle());
    else if (code === 22) style.bold = style.dim = false;
    else if (code >= 30 && code <= 37) style.colour = code - 30;
    else if (code >= 90 && code <= 97) style.colour = code - 82;
    else if (code >= 40 && code <= 47) style.background = code - 40;
    else if (code >= 100 && code <= 107) style.background = code - 92;
    else if (code === 39) style.colour = -1;
    else if (code === 49) style.background = -1;
    else if (code === 38 || code === 48) {
      const [value, used] = extendedColour(codes, at + 1);
      if (code === 38) style.colour = value;
      else style.background = value;
      at += used;
    }
  }
}

/** 256 and true colours become the nearest of the sixteen, which are readable in both themes. */
function extendedColour(codes, at) {
  if (codes[at] === 5) return [nearestOfIndex(codes[at + 1] ?? 0), 2];
  if (codes[at] === 2) return [nearest(codes[at + 1] ?? 0, codes[at + 2] ?? 0, codes[at + 3] ?? 0), 4];
  return [-1, 1];
}

function nearestOfIndex(index) {
  if (index < 16) return index;
  if (index >= 232) {
    const grey = (index - 232) * 10 + 8;
    return nearest(grey, grey, grey);
  }
  const cube = index - 16;
  const level = (step) => (step === 0 ? 0 : 55 + step * 40);
  return nearest(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

function nearest(red, green, blue) {
  const highest = Math.max(red, green, blue);
  if (highest < 48) return 0;
  const limit = highest * 0.6;
  const bits = (red > limit ? 1 : 0) | (green > limit ? 2 : 0) | (blue > limit ? 4 : 0);
  if (bits === 7) return highest > 220 ? 15 : highest > 140 ? 7 : 8;
  return highest > 170 ? bits + 8 : bits;
}
