// Where tokens come from, and when one has to be replaced. Nothing is verified here; that is the server's.

/** Why a token is asked for. */
export type TokenReason = "first" | "expired" | "refused";

/** A token, or who has one: asked before an attempt when there is none, when it has expired or was refused. */
export type TokenSource = string | ((reason: TokenReason) => Promise<string> | string);

/** A token that would expire on its way to the server counts as expired. */
const ON_ITS_WAY_MS = 2000;

/** When a token expires, in milliseconds since 1970, if it says so. */
export function expiresAt(token: string): number | undefined {
  const claims = token.split(".")[1];
  if (claims === undefined) return undefined;
  try {
    const read: unknown = JSON.parse(atob(claims.replaceAll("-", "+").replaceAll("_", "/")));
    if (typeof read === "object" && read !== null && "exp" in read) {
      return typeof read.exp === "number" ? read.exp * 1000 : undefined;
    }
  } catch {
    // A token may be anything; this one does not tell.
  }
  return undefined;
}

/** Keeps the present token, and asks for another one only when it is needed. */
export class TokenKeeper {
  #token: string | undefined;
  #isRefused = false;
  #asking: Promise<string> | undefined;

  constructor(
    private readonly source: TokenSource | undefined,
    private readonly now: () => number = Date.now,
  ) {}

  /** Whether another token can be had when this one does not count any more. */
  get canRenew(): boolean {
    return typeof this.source === "function";
  }

  /** When the present token expires, if there is one that says so. */
  get expiresAt(): number | undefined {
    return this.#token === undefined ? undefined : expiresAt(this.#token);
  }

  /** The token to show now; nothing if none is to be shown. */
  async current(): Promise<string | undefined> {
    if (typeof this.source !== "function") return this.source;
    const reason = this.#reason();
    return reason === undefined ? this.#token : this.renew(reason);
  }

  /** Asks for another token, once however many want one. */
  async renew(reason: TokenReason): Promise<string | undefined> {
    const source = this.source;
    if (typeof source !== "function") return source;
    this.#asking ??= (async () => source(reason))();
    try {
      this.#token = await this.#asking;
      this.#isRefused = false;
      return this.#token;
    } finally {
      this.#asking = undefined;
    }
  }

  /** The server did not want the present one, or may not have wanted it. */
  refused(): void {
    this.#isRefused = true;
  }

  #reason(): TokenReason | undefined {
    if (this.#token === undefined) return "first";
    if (this.#isRefused) return "refused";
    const end = this.expiresAt;
    return end !== undefined && end - ON_ITS_WAY_MS <= this.now() ? "expired" : undefined;
  }
}
