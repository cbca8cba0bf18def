// Every REST route, typed by the document that the server itself prints.

import { randomName } from "../connection/names.js";
import { TokenKeeper, type TokenSource } from "../connection/token.js";
import { KEYED_ROUTES, PAGED_ROUTES, STREAMED_ROUTES } from "../wire/rest.js";
import { field, type RestError, refusal, UnreachableError } from "./errors.js";
import { Patience } from "./patience.js";
import {
  type Answer,
  type CallArguments,
  type LooseCall,
  type PagedRoute,
  type Route,
  target,
} from "./request.js";

/** What users choose about requests. Only `server` has to be given. */
export interface RestOptions {
  /** Such as `https://pilothouse.example.org`, with the path it is below, if any. */
  readonly server: string;
  /** The token, who has one, or the keeper of another client's. */
  readonly token?: TokenSource | TokenKeeper | undefined;
  /** Makes requests; the global `fetch` if absent. */
  readonly fetch?: typeof fetch | undefined;
  /** How long an answer may take; 150 s if absent, since git may take its time. */
  readonly timeoutMs?: number | undefined;
  /** How often a request is made again that got no answer and does no harm twice; 2 if absent. */
  readonly retries?: number | undefined;
  /** From 0 to 1; `Math.random` if absent. */
  readonly random?: (() => number) | undefined;
  /** Milliseconds since 1970; `Date.now` if absent. */
  readonly now?: (() => number) | undefined;
}

/** The fields of an answer that are lists. */
type ListField<A> = {
  [Name in keyof A]-?: NonNullable<A[Name]> extends readonly unknown[] ? Name : never;
}[keyof A];

/** What a list of an answer is made of. */
type Item<A, Name extends keyof A> = NonNullable<A[Name]> extends readonly (infer I)[] ? I : never;

/** A wait before a request is made again; the second is twice as long. */
const RETRY_MS = 300;

/** Makes requests. One for all routes and all the time. */
export class RestClient {
  readonly #token: TokenKeeper;
  readonly #now: () => number;

  constructor(private readonly options: RestOptions) {
    const { token } = options;
    this.#now = options.now ?? Date.now;
    this.#token = token instanceof TokenKeeper ? token : new TokenKeeper(token, this.#now);
  }

  /**
   * Calls a route, such as `call("GET /api/agents/{agent}", { path: { agent: "build-1" } })`.
   * A refusal is a `RestError`, no answer an `UnreachableError`.
   */
  call<R extends Route>(route: R, ...call: CallArguments<R>): Promise<Answer<R>>;
  // The shapes of answers are trusted as they are generated.
  async call(route: Route, call: LooseCall = {}): Promise<unknown> {
    const response = await this.#ask(route, call);
    if (Object.hasOwn(STREAMED_ROUTES, route)) return response;
    return response.status === 204 ? undefined : this.#json(route, response);
  }

  /** A route's answer as it comes, such as output that is to become a file: `query: { format: "text" }`. */
  response<R extends Route>(route: R, ...call: CallArguments<R>): Promise<Response>;
  async response(route: Route, call: LooseCall = {}): Promise<Response> {
    return this.#ask(route, call);
  }

  /** All pages of a route that answers in pages, in its order, one request for each. */
  pages<R extends PagedRoute>(route: R, ...call: CallArguments<R>): AsyncGenerator<Answer<R>, void>;
  async *pages(route: PagedRoute, call: LooseCall = {}): AsyncGenerator<unknown, void> {
    let query = call.query;
    for (;;) {
      const response = await this.#ask(route, { ...call, query });
      const page = await this.#json(route, response);
      yield page;
      const next = field(page, "next") ?? field(field(page, "data"), "next");
      if (next === undefined || next === null) return;
      query = { ...query, [PAGED_ROUTES[route]]: next };
    }
  }

  /** Every item of one list over all pages, such as `items("GET /api/v1/search", "hits", { query })`. */
  items<R extends PagedRoute, Name extends ListField<Answer<R>>>(
    route: R,
    list: Name,
    ...call: CallArguments<R>
  ): AsyncGenerator<Item<Answer<R>, Name>, void>;
  async *items(
    route: PagedRoute,
    list: string,
    ...call: CallArguments<PagedRoute>
  ): AsyncGenerator<unknown, void> {
    for await (const page of this.pages(route, ...call)) {
      const items = field(page, list);
      if (Array.isArray(items)) yield* items;
    }
  }

  async #json(route: Route, response: Response): Promise<unknown> {
    try {
      return await response.json();
    } catch (error) {
      throw new UnreachableError(`the answer to ${route} could not be read: ${words(error)}`);
    }
  }

  /** One request, made again where that does no harm, and with another token if this one was refused. */
  async #ask(route: Route, call: LooseCall): Promise<Response> {
    const { method, url } = target(this.options.server, route, call);
    const sent = { method, url, isFile: Object.hasOwn(STREAMED_ROUTES, route) };
    const isKeyed = Object.hasOwn(KEYED_ROUTES, route);
    const key = call.idempotencyKey ?? (isKeyed ? randomName() : undefined);
    const isHarmless = method === "GET" || (isKeyed && key !== undefined);
    let retries = isHarmless ? (this.options.retries ?? 2) : 0;
    let canRenew = this.#token.canRenew;
    for (let wait = RETRY_MS; ; wait *= 2) {
      const token = await this.#token.current();
      const answered = await this.#fetch(sent, token, key, call).catch((error: unknown) => {
        call.signal?.throwIfAborted();
        if (retries <= 0) throw new UnreachableError(`${route} got no answer: ${words(error)}`);
        return undefined;
      });
      if (answered?.ok) return answered;
      if (answered?.status === 401 && canRenew) {
        canRenew = false;
        this.#token.refused();
        continue;
      }
      const refused = answered && refusal(answered, await body(answered), this.#now());
      if (refused !== undefined && (retries <= 0 || !mayChange(refused, key))) throw refused;
      retries -= 1;
      const jitter = 0.5 + (this.options.random ?? Math.random)();
      await pause(Math.max(wait * jitter, refused?.retryAfterMs ?? 0), call.signal);
    }
  }

  async #fetch(
    { method, url, isFile }: { method: string; url: URL; isFile: boolean },
    token: string | undefined,
    key: string | undefined,
    call: LooseCall,
  ): Promise<Response> {
    const headers = new Headers({ accept: "application/json, */*" });
    if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
    if (key !== undefined) headers.set("idempotency-key", key);
    if (call.body !== undefined) headers.set("content-type", "application/json");
    const patience = new Patience(this.options.timeoutMs ?? 150_000, isFile);
    const { late } = patience;
    const signal = call.signal === undefined ? late : AbortSignal.any([call.signal, late]);
    const asked = this.options.fetch ?? globalThis.fetch;
    const request: RequestInit = { method, headers, signal, credentials: "omit" };
    if (call.body !== undefined) request.body = JSON.stringify(call.body);
    try {
      return await asked(url, request);
    } finally {
      patience.answered();
    }
  }
}

/** Whether the same request may be answered otherwise a little later. */
function mayChange({ status, retryAfterMs }: RestError, key: string | undefined): boolean {
  // The first one under this key is still being done: its answer can be had then.
  const isUnderWay = status === 409 && key !== undefined && retryAfterMs !== undefined;
  return status === 503 || isUnderWay;
}

const words = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
};

/** What a refusal says; some say nothing. */
async function body(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
