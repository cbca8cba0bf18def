// Who is signed in, in this tab: has a token for every client, renews it before it ends, and hears of the other tabs.

import { type TokenReason, TokenRefusedError } from "pilothouse-client";
import { lifeOf } from "./lifetime";
import { clientOf, type Ground, isRefusal, keptOf, renewed } from "./renewal";
import type { Kept } from "./vault";

/** Of a token's life, how much may pass before the next is fetched. */
const SHARE = 0.8;
/** How often it is looked at: timers stand still while a machine sleeps. */
const LONGEST_LOOK_MS = 15_000;

/** What is told of it. */
export interface CredentialEvents {
  /** There is another token, which may say something else of what one may do. */
  onToken(): void;
  /** Somebody else signed in, in another tab: that counts here too. */
  onOther(kept: Kept): void;
  /** It is over, here or in another tab; `words` say why, if it was not asked for. */
  onEnd(words: string | undefined): void;
}

/** A sign-in. What it begins with has been kept already. */
export class Credential {
  #kept: Kept;
  #timer: ReturnType<typeof setInterval> | undefined;
  #unwatch: () => void;
  #hasEnded = false;

  constructor(
    private readonly ground: Ground,
    kept: Kept,
    private readonly events: CredentialEvents,
  ) {
    this.#kept = kept;
    this.#unwatch = ground.vault.watch((other) => this.#heard(other));
    this.#plan();
  }

  /** The present token. */
  get token(): string {
    return this.#kept.token;
  }

  /** For the clients: asked at first, when the token that they have has expired, and when it was refused. */
  readonly source = async (reason: TokenReason): Promise<string> => {
    if (reason === "first") return this.#kept.token;
    // Each client has a token of its own in its hand; the present one may be newer.
    if (reason === "expired" && !this.#isOver()) return this.#kept.token;
    // Browsers do not tell a server that refuses a token from one that is away.
    if (reason === "refused" && (await this.#counts())) return this.#kept.token;
    await this.#renew();
    return this.#kept.token;
  };

  /** Whether the server takes the present token; throws if it does not answer. */
  async #counts(): Promise<boolean> {
    try {
      await clientOf(this.ground, this.#kept.token).call("GET /api/auth/me");
      return true;
    } catch (error) {
      if (isRefusal(error)) return false;
      throw error;
    }
  }

  /** Whether the present token says of itself that it counts no longer. */
  #isOver(): boolean {
    const life = lifeOf(this.#kept.token);
    return life !== undefined && this.ground.now() + 2000 >= life.beganAt + life.lastsMs;
  }

  /** Signs out: the token, its sign-in and the sockets of that end on the server too. */
  async signOut(): Promise<void> {
    const rest = clientOf(this.ground, this.#kept.token);
    // First here, so that nobody renews what the server is about to end.
    this.#end(undefined);
    try {
      await rest.call("POST /api/auth/logout");
    } catch (error) {
      // A server that is away or refuses keeps nobody from forgetting the token here.
      if (!(error instanceof Error)) throw error;
    }
  }

  /**
   * Replaces the password. The server then ends every sign-in of that person; this browser signs in anew before any
   * of its tabs asks for another token.
   */
  changePassword(username: string, currentPassword: string, newPassword: string): Promise<void> {
    const { vault } = this.ground;
    return vault.alone(async () => {
      const body = { currentPassword, newPassword };
      const path = { user: username };
      const rest = clientOf(this.ground, (vault.get() ?? this.#kept).token);
      await rest.call("PUT /api/users/{user}/password", { path, body });
      const again = { username, password: newPassword };
      const answer = await clientOf(this.ground).call("POST /api/auth/login", { body: again });
      const kept = keptOf(answer.token, answer.refreshToken, answer.user.id);
      vault.keep(kept);
      this.#become(kept);
    });
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
    else if (other.userId === this.#kept.userId) this.#become(other);
    else this.#giveWay(other);
  }

  /** Somebody else signed in. */
  #giveWay(other: Kept): void {
    this.dispose();
    this.events.onOther(other);
  }

  #become(kept: Kept): void {
    if (this.#hasEnded || kept.token === this.#kept.token) return;
    this.#kept = kept;
    this.#plan();
    this.events.onToken();
  }

  #end(words: string | undefined): void {
    if (this.#hasEnded) return;
    this.dispose();
    const { vault } = this.ground;
    // Somebody may have signed in meanwhile, in another tab.
    if (vault.get()?.token === this.#kept.token) vault.forget();
    this.events.onEnd(words);
  }

  #plan(): void {
    clearInterval(this.#timer);
    const { now } = this.ground;
    const life = lifeOf(this.#kept.token);
    if (life === undefined || this.#kept.refreshToken === undefined) return;
    // Measured from here on where this clock and the issuer's differ.
    const age = Math.min(Math.max(0, now() - life.beganAt), life.lastsMs);
    const renewAt = now() + life.lastsMs * SHARE - age;
    const everyMs = Math.min(LONGEST_LOOK_MS, life.lastsMs / 20);
    this.#timer = setInterval(() => {
      if (now() < renewAt) return;
      // One that cannot be had now is asked for again by the next look.
      this.#renew().catch(() => {});
    }, everyMs);
  }

  /** Gets another token, here or from the tab that was first. */
  async #renew(): Promise<void> {
    if (this.#hasEnded) throw new TokenRefusedError("signed out");
    const next = await renewed(this.ground, this.#kept);
    if (this.#hasEnded) throw new TokenRefusedError("signed out");
    if (next === undefined) {
      const words = "You were signed out: the sign-in has ended or was revoked.";
      this.#end(words);
      throw new TokenRefusedError(words);
    }
    if (next.userId === this.#kept.userId) return this.#become(next);
    this.#giveWay(next);
    throw new TokenRefusedError("somebody else signed in");
  }
}
