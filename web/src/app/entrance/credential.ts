// Who is signed in, in this tab: has a token for every client, renews it before it ends, and hears of the other tabs.

import { RestClient, RestError, type TokenReason, TokenRefusedError } from "pilothouse-client";
import { lifeOf } from "./lifetime";
import type { Kept, Vault } from "./vault";

/** Of a token's life, how much may pass before the next is fetched. */
const SHARE = 0.8;
/** How often it is looked at: timers stand still while a machine sleeps. */
const LONGEST_LOOK_MS = 15_000;

/** What is told of it. */
export interface CredentialEvents {
  /** There is another token. */
  onToken(): void;
  /** It is over, here or in another tab; `words` say why, if it was not asked for. */
  onEnd(words: string | undefined): void;
}

/** A sign-in. */
export class Credential {
  #kept: Kept;
  #timer: ReturnType<typeof setInterval> | undefined;
  #unwatch: () => void;
  #hasEnded = false;
  readonly #open: RestClient;

  constructor(
    readonly server: string,
    private readonly vault: Vault,
    kept: Kept,
    private readonly events: CredentialEvents,
    private readonly now: () => number = Date.now,
  ) {
    this.#kept = kept;
    this.#open = new RestClient({ server });
    vault.keep(kept);
    this.#unwatch = vault.watch((other) => this.#heard(other));
    this.#plan();
  }

  /** The present token. */
  get token(): string {
    return this.#kept.token;
  }

  /** For the clients: asked at first, when the token has expired, and when it was refused. */
  readonly source = async (reason: TokenReason): Promise<string> => {
    if (reason === "first") return this.#kept.token;
    // Browsers do not tell a server that refuses a token from one that is away.
    if (reason === "refused" && (await this.#counts())) return this.#kept.token;
    await this.#renew();
    return this.#kept.token;
  };

  /** Whether the server takes the present token; throws if it does not answer. */
  async #counts(): Promise<boolean> {
    const rest = new RestClient({ server: this.server, token: this.#kept.token, retries: 0 });
    try {
      await rest.call("GET /api/auth/me");
      return true;
    } catch (error) {
      if (error instanceof RestError && error.status === 401) return false;
      throw error;
    }
  }

  /** Signs out: the token, its sign-in and the sockets of that end on the server too. */
  async signOut(): Promise<void> {
    const rest = new RestClient({ server: this.server, token: this.#kept.token, retries: 0 });
    // First here, so that nobody renews what the server is about to end.
    this.#end(undefined);
    try {
      await rest.call("POST /api/auth/logout");
    } catch (error) {
      // A server that is away or refuses keeps nobody from forgetting the token here.
      if (!(error instanceof Error)) throw error;
    }
  }

  /** Leaves it as it is, for another one that takes its place. */
  dispose(): void {
    this.#hasEnded = true;
    clearInterval(this.#timer);
    this.#unwatch();
  }

  #heard(other: Kept | undefined): void {
    if (this.#hasEnded) return;
    if (other === undefined) this.#end(undefined);
    else this.#become(other);
  }

  #become(kept: Kept): void {
    if (kept.token === this.#kept.token) return;
    this.#kept = kept;
    this.#plan();
    this.events.onToken();
  }

  #end(words: string | undefined): void {
    if (this.#hasEnded) return;
    this.dispose();
    this.vault.forget();
    this.events.onEnd(words);
  }

  #plan(): void {
    clearInterval(this.#timer);
    const life = lifeOf(this.#kept.token);
    if (life === undefined || this.#kept.refreshToken === undefined) return;
    // Measured from here on where this clock and the issuer's differ.
    const age = Math.min(Math.max(0, this.now() - life.beganAt), life.lastsMs);
    const renewAt = this.now() + life.lastsMs * SHARE - age;
    const everyMs = Math.min(LONGEST_LOOK_MS, life.lastsMs / 20);
    this.#timer = setInterval(() => {
      if (this.now() < renewAt) return;
      // One that cannot be had now is asked for again by the next look.
      this.#renew().catch(() => {});
    }, everyMs);
  }

  /** Gets another token, here or from the tab that was first. */
  #renew(): Promise<void> {
    const before = this.#kept.token;
    return this.vault.alone(async () => {
      const there = this.vault.get();
      if (there !== undefined && there.token !== before) return this.#become(there);
      const shown = (there ?? this.#kept).refreshToken;
      if (shown === undefined) return this.#refused();
      try {
        const body = { refreshToken: shown };
        const { token, refreshToken } = await this.#open.call("POST /api/auth/refresh", { body });
        const kept = refreshToken ? { token, refreshToken } : { token };
        this.vault.keep(kept);
        this.#become(kept);
      } catch (error) {
        if (error instanceof RestError && error.status === 401) return this.#refused();
        throw error;
      }
    });
  }

  #refused(): never {
    const words = "You were signed out: the sign-in has ended or was revoked.";
    this.#end(words);
    throw new TokenRefusedError(words);
  }
}
