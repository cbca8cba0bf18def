// The codes that programs show: eight letters, written in two groups.

const LETTERS = 8;

/** As it is written: capital letters and digits, a dash in the middle. What is longer is cut off. */
export function written(text: string): string {
  const letters = text
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, "")
    .slice(0, LETTERS);
  const half = LETTERS / 2;
  return letters.length > half ? `${letters.slice(0, half)}-${letters.slice(half)}` : letters;
}

/** The code that the address has, behind `?user_code=` or `#code=`; empty if there is none. */
export function codeOf(search: string, hash: string): string {
  const inSearch = new URLSearchParams(search).get("user_code");
  const inHash = /^#?code=([A-Za-z0-9-]+)$/.exec(hash)?.[1];
  return written(inSearch ?? inHash ?? "");
}
