// Getting the next token, once for all tabs.

import { RestClient, RestError } from "pilothouse-client";
import type { Kept, Vault } from "./vault";

/** A server that does not answer must not keep the other tabs waiting for long. */
const PATIENCE_MS = 20_000;

/** What another tab kept may be seen here a little after that tab let go of the lock. */
const SEEN_WITHIN_MS = 500;

/** What a server and a browser's memory are for a sign-in. */
export interface Ground {
  readonly server: string;
  readonly vault: Vault;
  /** Makes requests; the browser's own if absent. */
  readonly fetch?: typeof fetch | undefined;
  readonly now: () => number;
}

/** A client with a token, or without one. */
export const clientOf = ({ server, fetch, now }: Ground, token?: string): RestClient =>
  new RestClient({ server, token, fetch, now, retries: 0, timeoutMs: PATIENCE_MS });

/** What is to be kept of an answer. */
export const keptOf = (
  token: string,
  refreshToken: string | null | undefined,
  userId: string | undefined,
): Kept => ({
  token,
  ...(refreshToken ? { refreshToken } : {}),
  ...(userId === undefined ? {} : { userId }),
});

/** Whether the server says that a token, or what renews it, does not count any more. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof RestError && error.status === 401;

/**
 * What comes after `kept`: what another tab got meanwhile, or a token that is fetched now and kept. Nothing if there is
 * none to be had; throws if the server does not answer.
 */
export function renewed(ground: Ground, kept: Kept): Promise<Kept | undefined> {
  const { vault } = ground;
  return vault.alone(async () => {
    const there = vault.get();
    if (there !== undefined && there.token !== kept.token) return there;
    const shown = (there ?? kept).refreshToken;
    if (shown === undefined) return undefined;
    try {
      const body = { refreshToken: shown };
      const answer = await clientOf(ground).call("POST /api/auth/refresh", { body });
      const next = keptOf(answer.token, answer.refreshToken, answer.user.id);
      vault.keep(next);
      return next;
    } catch (error) {
      if (isRefusal(error)) return await keptElsewhere(vault, shown);
      throw error;
    }
  });
}

/**
 * What another tab kept before it let go of the lock, if it comes to be seen here: then `shown` was refused for being
 * an old one, and nobody has to sign in.
 */
async function keptElsewhere(vault: Vault, shown: string): Promise<Kept | undefined> {
  const before = vault.get();
  if (before !== undefined && before.refreshToken !== shown) return before;
  await new Promise((done) => setTimeout(done, SEEN_WITHIN_MS));
  const after = vault.get();
  return after?.refreshToken === shown ? undefined : after;
}
