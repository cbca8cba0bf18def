// Addresses of doors and routes, and where the token goes.

/** How the token is shown when a socket is opened. */
export type TokenPlace =
  /** As the subprotocol `bearer.TOKEN`: works in browsers, and nothing logs it. */
  | "subprotocol"
  /** As `Authorization: Bearer`: only where the WebSocket takes header fields, which browsers' do not. */
  | "header"
  /** As `?token=`: ends up in the logs of what is between. */
  | "query";

/** The same, and `message`: protocols that take the token in their first message show none before. */
export type ShownPlace = TokenPlace | "message";

/** What the server selects beside a token: who offers subprotocols has to be answered one. */
const OWN_SUBPROTOCOL = "pilothouse.v1";

/** What is needed to open a socket. */
export interface Knock {
  readonly url: string;
  readonly protocols: string[];
  readonly headers: Record<string, string>;
}

/** The address of a route below the server's, which may have a path of its own. */
export function routeUrl(server: string, path: string): URL {
  const url = new URL(server);
  if (url.protocol === "ws:") url.protocol = "http:";
  if (url.protocol === "wss:") url.protocol = "https:";
  const [pathname = "", query = ""] = path.split("?");
  url.pathname = url.pathname.replace(/\/+$/, "") + pathname;
  url.search = query;
  url.hash = "";
  return url;
}

/** How to open a door. */
export function knock(
  server: string,
  path: string,
  token: string | undefined,
  place: ShownPlace,
): Knock {
  const url = routeUrl(server, path);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const protocols: string[] = [];
  const headers: Record<string, string> = {};
  if (token !== undefined) {
    if (place === "subprotocol") protocols.push(OWN_SUBPROTOCOL, `bearer.${token}`);
    if (place === "header") headers.Authorization = `Bearer ${token}`;
    if (place === "query") url.searchParams.set("token", token);
  }
  return { url: url.href, protocols, headers };
}
