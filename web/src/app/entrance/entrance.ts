// Whether somebody is signed in, and how they come in and leave. The one owner of that in a tab.

import { RestError, type rest } from "pilothouse-client";
import { createStore } from "zustand/vanilla";
import { serverUrl } from "@/api/place";
import { Credential } from "./credential";
import { type Brought, takeFromLink } from "./link";
import { clientOf, type Ground, isRefusal, keptOf, renewed } from "./renewal";
import { type Kept, Vault } from "./vault";

/** Where somebody is. */
export type Place =
  | { readonly at: "asking"; readonly words: string | undefined }
  | { readonly at: "looking" }
  /** `again` tries once more what could not be done. */
  | { readonly at: "unreachable"; readonly words: string; again(): void }
  /** Let in by a link, on a server where nobody has an account yet. */
  | { readonly at: "first"; readonly kept: Kept }
  | { readonly at: "inside"; readonly credential: Credential; readonly user: rest.User };

const ENDED = "Your sign-in has ended.";
const SPENT = "That link was used already, or is too old. Run pilothouse up again for another.";

const words = (error: unknown): string =>
  error instanceof Error ? error.message : "something went wrong";

/** A sign-in that counts, and whose it is. */
interface Present {
  readonly kept: Kept;
  readonly user: rest.User;
}

/** The entrance of one tab. */
export class Entrance {
  /** Where somebody is now. */
  readonly place = createStore<Place>()(() => ({ at: "looking" }));
  #unwatch: (() => void) | undefined;

  constructor(private readonly ground: Ground) {}

  /** The page's own server. */
  get server(): string {
    return this.ground.server;
  }

  /** Looks who is there: the link first, then what the browser keeps. */
  async begin(brought: Brought = takeFromLink()): Promise<void> {
    this.#go({ at: "looking" });
    if (brought === undefined) return this.#look();
    await ("code" in brought ? this.#takeCode(brought.code) : this.#takeToken(brought.token));
  }

  /** Comes in with a password. Throws what the server says if it does not let one in. */
  async signIn(username: string, password: string): Promise<void> {
    const body = { username, password };
    const answer = await clientOf(this.ground).call("POST /api/auth/login", { body });
    this.#come(keptOf(answer.token, answer.refreshToken, answer.user.id), answer.user);
  }

  /** Comes in with a token. Throws what the server says if it does not let one in. */
  async showToken(token: string): Promise<void> {
    const { user } = await this.#who(token);
    this.#come(keptOf(token, undefined, user.id), user);
  }

  /** Makes the first account with what a link gave, and comes in with it. */
  async makeFirst(account: rest.AccountBody, kept: Kept): Promise<void> {
    const body = { ...account, role: "admin" };
    try {
      await clientOf(this.ground, kept.token).call("POST /api/users", { body });
    } catch (error) {
      // The answer to the attempt before this one may have been lost.
      if (!(error instanceof RestError && error.code === "USER_EXISTS")) throw error;
    }
    await this.signIn(account.username ?? "", account.password);
  }

  /** Goes on with what a link gave, without an account. */
  async skipFirst({ token }: Kept): Promise<void> {
    await this.showToken(token);
  }

  #go(place: Place): void {
    const { place: now } = this;
    const before = now.getState();
    const isSame =
      before.at === "inside" && place.at === "inside" && before.credential === place.credential;
    if (before.at === "inside" && !isSame) before.credential.dispose();
    this.#unwatch?.();
    this.#unwatch = undefined;
    // Whoever signs in in another tab comes in here too.
    if (place.at === "asking" || place.at === "first") {
      this.#unwatch = this.ground.vault.watch((kept) => {
        if (kept !== undefined) void this.#look();
        else if (place.at === "first") this.#ask();
      });
    }
    now.setState(place, true);
  }

  #ask(why?: string): void {
    this.#go({ at: "asking", words: why });
  }

  #unreachable(error: unknown, again: () => Promise<void>): void {
    const retry = () => {
      this.#go({ at: "looking" });
      void again();
    };
    this.#go({ at: "unreachable", words: words(error), again: retry });
  }

  #who(token: string) {
    return clientOf(this.ground, token).call("GET /api/auth/me");
  }

  /** Keeps a sign-in, and goes in with it. */
  #come(kept: Kept, user: rest.User): void {
    this.ground.vault.keep(kept);
    if (kept.isFirst) {
      this.#go({ at: "first", kept });
      return;
    }
    const credential = new Credential(this.ground, kept, {
      onToken: () => this.#lookAgain(credential),
      onOther: () => void this.#look(),
      onEnd: (why) => this.#ask(why),
    });
    this.#go({ at: "inside", credential, user });
  }

  /** Another token may say something else of what one may do. */
  #lookAgain(credential: Credential): void {
    void this.#refresh(credential).catch(() => {});
  }

  async #refresh(credential: Credential): Promise<void> {
    const { user } = await this.#who(credential.token);
    const place = this.place.getState();
    if (place.at !== "inside" || place.credential !== credential) return;
    if (JSON.stringify(user) !== JSON.stringify(place.user)) this.#go({ ...place, user });
  }

  /** Asks who one is and what one may do now; nothing changes if the server does not answer. */
  recheck(): void {
    const place = this.place.getState();
    if (place.at === "inside") this.#lookAgain(place.credential);
  }

  /** Goes in with what the browser keeps, or asks who is there. */
  async #look(why?: string): Promise<void> {
    const hadOne = this.ground.vault.get() !== undefined;
    try {
      const present = await this.#present();
      if (present !== undefined) this.#come(present.kept, present.user);
      else this.#ask(why ?? (hadOne ? ENDED : undefined));
    } catch (error) {
      this.#unreachable(error, () => this.#look(why));
    }
  }

  /** The sign-in that the browser keeps, if it counts still. Throws if the server does not answer. */
  async #present(): Promise<Present | undefined> {
    const { vault } = this.ground;
    const kept = vault.get();
    if (kept === undefined) return undefined;
    const user = await this.#whoIf(kept.token);
    if (user !== undefined) {
      // Another tab may have renewed it while the server was asked.
      const there = vault.get();
      if (there === undefined) return undefined;
      const isSame = there.token === kept.token || there.userId === user.id;
      return isSame ? { kept: { ...there, userId: user.id }, user } : this.#present();
    }
    // A token that was kept for long may have ended while no tab was open.
    const next = await renewed(this.ground, kept);
    const again = next && (await this.#whoIf(next.token));
    if (next !== undefined && again !== undefined) {
      return { kept: { ...next, userId: again.id }, user: again };
    }
    if (vault.get()?.token === (next ?? kept).token) vault.forget();
    return undefined;
  }

  async #whoIf(token: string): Promise<rest.User | undefined> {
    try {
      return (await this.#who(token)).user;
    } catch (error) {
      if (isRefusal(error)) return undefined;
      throw error;
    }
  }

  async #takeCode(code: string): Promise<void> {
    try {
      // Whoever is inside as an administrator already stays who they are, and the code stays good.
      const present = await this.#present();
      if (present?.user.role === "admin") return this.#come(present.kept, present.user);
      const answer = await clientOf(this.ground).call("POST /api/auth/exchange", {
        body: { code },
      });
      const kept = keptOf(answer.token, undefined, answer.user.id);
      // Kept at once: the code is spent, and a page that is loaded again would have nothing.
      this.#come(answer.isFirst ? { ...kept, isFirst: true } : kept, answer.user);
    } catch (error) {
      // Whoever is signed in already and clicks an old link is let in as they are.
      if (error instanceof RestError) return this.#look(SPENT);
      this.#unreachable(error, () => this.#takeCode(code));
    }
  }

  async #takeToken(token: string): Promise<void> {
    try {
      await this.showToken(token);
    } catch (error) {
      if (isRefusal(error)) return this.#look("The token in that link does not count any more.");
      this.#unreachable(error, () => this.#takeToken(token));
    }
  }
}

/** The page's own. */
export const entrance = new Entrance({
  server: serverUrl,
  vault: new Vault(),
  now: Date.now,
});
