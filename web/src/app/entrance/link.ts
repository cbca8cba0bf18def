// What the link that was clicked brings along: a code or a token, taken out of the address bar at once.

/** What a link has. */
export type Brought = { readonly code: string } | { readonly token: string } | undefined;

/** Reads the link, and leaves nothing of it in the address bar or the history. */
export function takeFromLink(place: Location = location, past: History = history): Brought {
  const match = /^#(code|token)=(.+)$/.exec(place.hash);
  const value = match?.[2];
  if (match === null || value === undefined) return undefined;
  past.replaceState(past.state, "", place.pathname + place.search);
  return match[1] === "code" ? { code: value } : { token: decodeURIComponent(value) };
}
