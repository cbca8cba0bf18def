// The token of whoever is signed in on the page at "/", where this browser keeps it: for all tabs, or for this one.

const key = "pilothouse.entrance";

/** The token, or null. */
export function findToken() {
  const kept = localStorage.getItem(key) ?? sessionStorage.getItem(key);
  try {
    return JSON.parse(kept)?.token ?? null;
  } catch {
    return null;
  }
}
