// The token of this tab: taken from the link, kept for the tab only, never left in the address bar.

const key = "pilothouse.token";

/** The token of the link or of this tab, or null. */
export function findToken() {
  const match = /^#token=(.+)$/.exec(location.hash);
  if (match === null) return sessionStorage.getItem(key);
  history.replaceState(null, "", location.pathname + location.search);
  return keepToken(decodeURIComponent(match[1]));
}

/** The code of the link, or null. It is good once, so it is taken out of the address bar as well. */
export function findCode() {
  const match = /^#code=([\w-]+)$/.exec(location.hash);
  if (match === null) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return match[1];
}

/** Keeps a token for this tab. */
export function keepToken(token) {
  sessionStorage.setItem(key, token);
  return token;
}

/** Forgets it. */
export function forgetToken() {
  sessionStorage.removeItem(key);
}
