// What one terminal still has to show: text and changes of size, in the order in which they came. Pure.

/** So many cells. */
export interface Size {
  readonly cols: number;
  readonly rows: number;
}

/** Whether two sizes are the same. */
export const isSameSize = (one: Size | undefined, other: Size | undefined): boolean =>
  one?.cols === other?.cols && one?.rows === other?.rows;

type Item =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "size"; readonly size: Size };

/** Takes back what terminals of programs may have been told before: ends any sequence, and resets. */
const AFRESH = "\u0018\u001bc";

/** See the top of the file. Who pushes looks at `waiting` and decides what is too much. */
export class Backlog {
  #items: Item[] = [];
  /** Where in the first item, a text, to go on. */
  #at = 0;
  #waiting = 0;

  /** How many characters wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Whether nothing waits, not even a change of size. */
  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  /** Puts text behind everything. */
  push(text: string): void {
    if (text === "") return;
    this.#items.push({ kind: "text", text });
    this.#waiting += text.length;
  }

  /** From here on the terminal has another size. */
  pushSize(size: Size): void {
    this.#items.push({ kind: "size", size });
  }

  /** Puts text in the place of everything that was or will be shown; the size that is in force stays so. */
  replace(text: string): void {
    const size = this.#items.findLast((item) => item.kind === "size");
    this.clear();
    if (size !== undefined) this.#items.push(size);
    this.push(AFRESH + text);
  }

  /** Forgets all text. How many characters that were. Sizes stay, since they are told only once. */
  clear(): number {
    const dropped = this.#waiting;
    this.#items = this.#items.filter((item) => item.kind === "size").slice(-1);
    this.#at = 0;
    this.#waiting = 0;
    return dropped;
  }

  /** The size to take before the next text, if there is one. */
  takeSize(): Size | undefined {
    let size: Size | undefined;
    for (let first = this.#items[0]; first?.kind === "size"; first = this.#items[0]) {
      size = first.size;
      this.#items.shift();
    }
    return size;
  }

  /** The next text up to a change of size, at most `most` characters, of which none is cut in two. */
  take(most: number): string {
    const parts: string[] = [];
    let left = Math.max(2, most);
    let first = this.#items[0];
    while (left > 0 && first?.kind === "text") {
      const end = cut(first.text, this.#at, left);
      if (end === this.#at) break;
      parts.push(first.text.slice(this.#at, end));
      left -= end - this.#at;
      this.#waiting -= end - this.#at;
      this.#at = end;
      if (end < first.text.length) break;
      this.#items.shift();
      this.#at = 0;
      first = this.#items[0];
    }
    return parts.join("");
  }
}

function cut(text: string, from: number, most: number): number {
  const end = Math.min(text.length, from + most);
  if (end === text.length) return end;
  const last = text.charCodeAt(end - 1);
  // The first half of a character that UTF-16 needs two units for.
  return last >= 0xd800 && last <= 0xdbff ? end - 1 : end;
}
