// What each route takes, told from the generated table of routes. Types, and the address they make.

import { routeUrl } from "../connection/address.js";
import type { PAGED_ROUTES, Routes } from "../wire/rest.js";

/** The name of a route: its method and its path. */
export type Route = keyof Routes;

/** Routes that answer in pages. */
export type PagedRoute = keyof typeof PAGED_ROUTES;

/** What a route answers when all is well. */
export type Answer<R extends Route> = Routes[R]["answer"];

type Part<R extends Route, Name extends string> =
  Routes[R] extends Record<Name, infer Shape> ? { readonly [N in Name]: Shape } : unknown;

type QueryOf<R extends Route> = Routes[R] extends { query: infer Query }
  ? Record<string, never> extends Query
    ? { readonly query?: Query }
    : { readonly query: Query }
  : unknown;

/** What can be said with every request. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Names the request, so that it is done once; made up if absent, where the server takes one. */
  readonly idempotencyKey?: string | undefined;
}

/** What a route takes: `path`, `query` and `body`, where it has them. */
export type Call<R extends Route> = Part<R, "path"> & QueryOf<R> & Part<R, "body"> & CallOptions;

/** The arguments after the route: none are needed where nothing is. */
export type CallArguments<R extends Route> =
  CallOptions extends Call<R> ? [call?: Call<R>] : [call: Call<R>];

/** The same, as it is when a request is made: whatever its route, it has been checked. */
export interface LooseCall extends CallOptions {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly body?: unknown;
}

/** The method of a route, and the address of one call of it. */
export function target(
  server: string,
  route: string,
  call: LooseCall,
): { method: string; url: URL } {
  const [method = "GET", pattern = "/"] = route.split(" ");
  const path = pattern.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(call.path?.[name] ?? ""),
  );
  const url = routeUrl(server, path);
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined && value !== null) url.searchParams.set(name, String(value));
  }
  return { method, url };
}
