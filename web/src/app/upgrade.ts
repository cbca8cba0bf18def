// A server that was upgraded under an open page has other files: the page is loaded anew when it misses one.

const KEY = "pilothouse.reloaded";
/** A page that misses a file again so soon is not helped by loading it once more. */
const SOON_MS = 30_000;

/** Whether to load the page anew now; remembers that it did. */
export function mayReload(storage: Storage, now: number): boolean {
  const last = Number(storage.getItem(KEY) ?? 0);
  if (now - last < SOON_MS) return false;
  storage.setItem(KEY, String(now));
  return true;
}

/** Loads the page anew when one of its files is not there any more. */
export function attendUpgrades(): void {
  addEventListener("vite:preloadError", (event) => {
    if (!mayReload(sessionStorage, Date.now())) return;
    event.preventDefault();
    location.reload();
  });
}
