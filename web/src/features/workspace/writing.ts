// A tiling as one line of text, for addresses and for the browser's storage: `r(a+*b:400,c(d,e):600)`. Pure.

import { onePane, type Pane, type Part, type Tiling, tabsOf, tidied } from "./tiling";

/** What a tab may be called in a line. */
const TAB = /^[\w./~-]+$/;

/** A tiling as text. Shares are kept in thousandths. */
export function written(tiling: Tiling): string {
  if (tiling.kind === "pane") return paneText(tiling);
  const parts = tiling.parts.map(
    (part) => `${written(part.tiling)}:${Math.max(1, Math.round(part.share * 1000))}`,
  );
  return `${tiling.along === "row" ? "r" : "c"}(${parts.join(",")})`;
}

function paneText({ tabs, shown }: Pane): string {
  const isFirst = shown === tabs[0];
  return tabs.map((tab) => (tab === shown && !isFirst ? `*${tab}` : tab)).join("+");
}

/** The tiling that a text is; nothing if it is none. */
export function read(text: string): Tiling | undefined {
  const reader = new Reader(text);
  const tiling = reader.tiling();
  if (tiling === undefined || !reader.isAtEnd) return undefined;
  const tabs = tabsOf(tiling);
  return new Set(tabs).size === tabs.length ? tidied(tiling) : undefined;
}

/** No arrangement of people is deeper. */
const DEEPEST = 12;

class Reader {
  #at = 0;
  #panes = 0;

  constructor(private readonly text: string) {}

  get isAtEnd(): boolean {
    return this.#at === this.text.length;
  }

  tiling(depth = 0): Tiling | undefined {
    const begin = this.text.slice(this.#at, this.#at + 2);
    if (begin !== "r(" && begin !== "c(") return this.#pane();
    if (depth >= DEEPEST) return undefined;
    this.#at += 2;
    const parts = this.#parts(depth);
    const sum = parts?.reduce((total, { share }) => total + share, 0) ?? 0;
    if (parts === undefined || parts.length < 2 || !(sum > 0)) return undefined;
    const even = parts.map((part) => ({ ...part, share: part.share / sum }));
    return { kind: "split", along: begin === "r(" ? "row" : "column", parts: even };
  }

  #parts(depth: number): readonly Part[] | undefined {
    const parts: Part[] = [];
    for (;;) {
      const tiling = this.tiling(depth + 1);
      if (tiling === undefined) return undefined;
      parts.push({ tiling, share: this.#share() });
      const mark = this.text[this.#at];
      this.#at += 1;
      if (mark === ")") return parts;
      if (mark !== ",") return undefined;
    }
  }

  #share(): number {
    const [, digits] = /^:(\d{1,4})/.exec(this.text.slice(this.#at)) ?? [];
    if (digits === undefined) return 500;
    this.#at += digits.length + 1;
    return Math.max(1, Number(digits));
  }

  #pane(): Pane | undefined {
    const [words] = /^[^,:()]+/.exec(this.text.slice(this.#at)) ?? [];
    if (words === undefined) return undefined;
    this.#at += words.length;
    const marked = words.split("+");
    const tabs = marked.map((word) => word.replace(/^\*/, ""));
    if (!tabs.every((tab) => TAB.test(tab))) return undefined;
    this.#panes += 1;
    const pane = onePane(tabs, `p${this.#panes}`);
    const shown = tabs[marked.findIndex((word) => word.startsWith("*"))];
    return { ...pane, shown: shown ?? pane.shown };
  }
}
