// Reads asciicast v3 while it comes: a header, then one event a line, each with the seconds since the one before.

/** What a recording says of itself. */
export interface CastHeader {
  readonly columns: number;
  readonly rows: number;
  readonly title: string | undefined;
  /** When it begins, in milliseconds since 1970. */
  readonly begunAt: number | undefined;
}

/** Something that happens in a recording. */
export type CastEvent = {
  /** Milliseconds since the beginning. */
  readonly at: number;
} & (
  | { readonly kind: "output"; readonly text: string }
  | { readonly kind: "resize"; readonly columns: number; readonly rows: number }
  | { readonly kind: "marker"; readonly label: string }
  | { readonly kind: "exit"; readonly code: number }
);

/** The file is not a recording, or one of a kind that is not known. */
export class CastError extends Error {
  override readonly name = "CastError";
}

/** Output that comes within one drawn frame is one event, up to so much. */
const FRAME_MS = 16;
const LARGEST = 32 * 1024;

/** No terminal is larger; whatever says so is broken. */
const MOST_CELLS = 2000;

const isSize = (cells: unknown): cells is number =>
  typeof cells === "number" && Number.isInteger(cells) && cells > 0 && cells <= MOST_CELLS;

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

function headerOf(line: string): CastHeader {
  const value = parsed(line);
  const version = field(value, "version");
  if (version !== 3) throw new CastError("This is not a recording in asciicast v3.");
  const term = field(value, "term");
  const columns = field(term, "cols");
  const rows = field(term, "rows");
  if (!isSize(columns) || !isSize(rows)) {
    throw new CastError("The recording does not say how large its terminal was.");
  }
  const title = field(value, "title");
  const timestamp = field(value, "timestamp");
  return {
    columns,
    rows,
    title: typeof title === "string" ? title : undefined,
    begunAt: typeof timestamp === "number" ? timestamp * 1000 : undefined,
  };
}

function eventOf(code: unknown, data: string, at: number): CastEvent | undefined {
  if (code === "o") return { at, kind: "output", text: data };
  if (code === "m") return { at, kind: "marker", label: data };
  if (code === "x") {
    const exit = Number(data);
    return Number.isInteger(exit) ? { at, kind: "exit", code: exit } : undefined;
  }
  if (code !== "r") return undefined;
  const [columns, rows] = data.split("x").map(Number);
  return isSize(columns) && isSize(rows) ? { at, kind: "resize", columns, rows } : undefined;
}

/** Takes the file in pieces, and gives events as soon as they are whole. */
export class CastReader {
  header: CastHeader | undefined;
  #rest = "";
  #at = 0;
  /** Output that may still grow. */
  #output: { at: number; text: string } | undefined;

  /** The events that became whole with this piece of the file. */
  read(piece: string): readonly CastEvent[] {
    const lines = (this.#rest + piece).split("\n");
    this.#rest = lines.pop() ?? "";
    const events: CastEvent[] = [];
    for (const line of lines) this.#take(line, events);
    return events;
  }

  /** The last events: the file is over. */
  end(): readonly CastEvent[] {
    const events: CastEvent[] = [];
    this.#take(this.#rest, events);
    this.#rest = "";
    this.#flush(events);
    if (this.header === undefined) throw new CastError("The recording is empty.");
    return events;
  }

  #take(line: string, events: CastEvent[]): void {
    // Lines that begin with "#" are comments.
    if (line.trim() === "" || line.startsWith("#")) return;
    if (this.header === undefined) {
      this.header = headerOf(line);
      return;
    }
    // A line that was cut when the file was is left out.
    const value = parsed(line);
    if (!Array.isArray(value)) return;
    const [passed, code, data] = value;
    if (typeof passed !== "number" || !(passed >= 0) || typeof data !== "string") return;
    this.#at += passed * 1000;
    const event = eventOf(code, data, this.#at);
    if (event === undefined) return;
    if (event.kind === "output") this.#grow(event, events);
    else {
      this.#flush(events);
      events.push(event);
    }
  }

  #grow({ at, text }: { readonly at: number; readonly text: string }, events: CastEvent[]): void {
    if (text.length > LARGEST) {
      this.#flush(events);
      for (let from = 0; from < text.length; from += LARGEST) {
        events.push({ at, kind: "output", text: text.slice(from, from + LARGEST) });
      }
      return;
    }
    const known = this.#output;
    const joins =
      known !== undefined && at - known.at < FRAME_MS && known.text.length + text.length <= LARGEST;
    if (joins) known.text += text;
    else {
      this.#flush(events);
      this.#output = { at, text };
    }
  }

  #flush(events: CastEvent[]): void {
    const output = this.#output;
    this.#output = undefined;
    if (output !== undefined) events.push({ ...output, kind: "output" });
  }
}
