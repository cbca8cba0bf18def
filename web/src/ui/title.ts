// What the browser's tab says: the view, and before it how many things wait.

let view = "";
let count = 0;

function write(): void {
  const name = view === "" ? "Pilothouse" : `${view} · Pilothouse`;
  document.title = count === 0 ? name : `(${count}) ${name}`;
}

/** Names the view. */
export function setTitle(words: string): void {
  view = words;
  write();
}

/** How many things wait; nothing is said of none. */
export function setTitleCount(waiting: number): void {
  count = waiting;
  write();
}
