// What the link that was clicked brings along: a code or a token, taken out of the address bar at once.

/** What a link has. */
export type Brought = { readonly code: string } | { readonly token: string } | undefined;

/** Where a code in the address is a program's, and no link's. */
const DEVICE = "/device";

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** Reads the link, and leaves nothing of it in the address bar or the history. */
export function takeFromLink(
  place: Pick<Location, "hash" | "pathname" | "search"> = location,
  past: Pick<History, "state" | "replaceState"> = history,
): Brought {
  const match = /^#(code|token)=(.+)$/.exec(place.hash);
  const value = match?.[2];
  if (match === null || value === undefined) return undefined;
  if (match[1] === "code" && place.pathname === DEVICE) return undefined;
  past.replaceState(past.state, "", place.pathname + place.search);
  return match[1] === "code" ? { code: value } : { token: decoded(value) };
}
