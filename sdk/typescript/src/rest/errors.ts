// Refusals of REST routes, whichever family they are of, as one kind of error.

import { PilothouseError } from "../errors.js";

/** The server refused a request. */
export class RestError extends PilothouseError {
  override readonly name = "RestError";

  constructor(
    message: string,
    readonly status: number,
    /** The route's own word for it, such as `AGENT_OFFLINE`; the status in words where it has none. */
    readonly code: string,
    /** What the server said beside it, as it came. */
    readonly details: unknown,
    /** After how many milliseconds to try again, if the server says so. */
    readonly retryAfterMs: number | undefined,
  ) {
    super(message);
  }
}

/** No answer came. */
export class UnreachableError extends PilothouseError {
  override readonly name = "UnreachableError";
}

/** A field of something that came as JSON, if it has it. */
export function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

const text = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

/** Milliseconds until the moment that a `Retry-After` names: seconds, or a date. */
export function retryAfterMs(value: string | null, now: number): number | undefined {
  if (value === null || value === "") return undefined;
  const seconds = Number(value);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - now;
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

/**
 * The error that a refusal is. There are problems of RFC 9457, `{error: {code, message}}`, `{error: "…"}`,
 * `{status: "error", message}` and OAuth's `{error, error_description}`; whatever is between may answer with something else.
 */
export function refusal(response: Response, body: unknown, now: number): RestError {
  const error = field(body, "error");
  const words =
    text(field(body, "detail")) ??
    text(field(error, "message")) ??
    text(field(body, "error_description")) ??
    text(error) ??
    text(field(body, "message")) ??
    text(field(body, "title")) ??
    (response.statusText || `the server answered ${response.status}`);
  const oauth = field(body, "error_description") === undefined ? undefined : text(error);
  const code = text(field(error, "code")) ?? text(field(body, "code")) ?? oauth;
  const details = field(error, "details") ?? body;
  const wait = retryAfterMs(response.headers.get("retry-after"), now);
  return new RestError(words, response.status, code ?? response.statusText, details, wait);
}
