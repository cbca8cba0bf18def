// Whether somebody is signed in, and how they come in and leave. The one owner of that in a tab.

import { RestClient, RestError, type rest } from "pilothouse-client";
import { createStore } from "zustand/vanilla";
import { serverUrl } from "@/api/place";
import { Credential } from "./credential";
import { type Brought, takeFromLink } from "./link";
import { type Kept, Vault } from "./vault";

/** Where somebody is. */
export type Place =
  | { readonly at: "asking"; readonly words: string | undefined }
  | { readonly at: "looking" }
  | { readonly at: "unreachable"; readonly words: string }
  /** Let in by a link, on a server where nobody has an account yet. */
  | { readonly at: "first"; readonly kept: Kept }
  | { readonly at: "inside"; readonly credential: Credential; readonly user: rest.User };

/** The page's own server. */
export const server = serverUrl;

const open = new RestClient({ server });
const vault = new Vault();

/** Where somebody is now. */
export const entrance = createStore<Place>()(() => ({ at: "looking" }));

const words = (error: unknown): string =>
  error instanceof Error ? error.message : "something went wrong";

const ask = (why?: string) => entrance.setState({ at: "asking", words: why }, true);

async function enter(kept: Kept): Promise<void> {
  const rest = new RestClient({ server, token: kept.token });
  try {
    const { user } = await rest.call("GET /api/auth/me");
    goIn(kept, user);
  } catch (error) {
    if (error instanceof RestError && error.status === 401) return tryRenewal(kept);
    entrance.setState({ at: "unreachable", words: words(error) }, true);
  }
}

function goIn(kept: Kept, user: rest.User): void {
  const credential = new Credential(server, vault, kept, {
    // Clients ask for the token when they need it; nothing has to be told.
    onToken: () => {},
    onEnd: (why) => ask(why),
  });
  entrance.setState({ at: "inside", credential, user }, true);
}

/** A token that was kept for long may have ended while no tab was open. */
async function tryRenewal(kept: Kept): Promise<void> {
  if (kept.refreshToken === undefined) {
    vault.forget();
    return ask("Your sign-in has ended.");
  }
  try {
    const next = await vault.alone(async () => {
      const there = vault.get();
      if (there !== undefined && there.token !== kept.token) return there;
      const body = { refreshToken: kept.refreshToken ?? "" };
      const answer = await open.call("POST /api/auth/refresh", { body });
      const renewed: Kept = answer.refreshToken
        ? { token: answer.token, refreshToken: answer.refreshToken }
        : { token: answer.token };
      vault.keep(renewed);
      return renewed;
    });
    const { user } = await new RestClient({ server, token: next.token }).call("GET /api/auth/me");
    goIn(next, user);
  } catch (error) {
    if (!(error instanceof RestError && error.status === 401)) {
      return entrance.setState({ at: "unreachable", words: words(error) }, true);
    }
    vault.forget();
    ask("Your sign-in has ended.");
  }
}

async function takeCode(code: string): Promise<void> {
  try {
    const answer = await open.call("POST /api/auth/exchange", { body: { code } });
    const kept = { token: answer.token };
    if (answer.isFirst) entrance.setState({ at: "first", kept }, true);
    else goIn(kept, answer.user);
  } catch (error) {
    // Whoever is signed in already and clicks an old link is let in as they are.
    const known = vault.get();
    if (known !== undefined) return enter(known);
    if (error instanceof RestError) {
      return ask("That link was used already, or is too old. Run pilothouse up again for another.");
    }
    entrance.setState({ at: "unreachable", words: words(error) }, true);
  }
}

/** Looks who is there: the link first, then what the browser keeps. */
export async function begin(brought: Brought = takeFromLink()): Promise<void> {
  if (brought !== undefined && "code" in brought) return takeCode(brought.code);
  const kept = brought ?? vault.get();
  if (kept === undefined) return ask();
  entrance.setState({ at: "looking" }, true);
  await enter(kept);
}

/** Comes in with a password. Throws what the server says if it does not let one in. */
export async function signIn(username: string, password: string): Promise<void> {
  const answer = await open.call("POST /api/auth/login", { body: { username, password } });
  const { token, refreshToken } = answer;
  goIn(refreshToken ? { token, refreshToken } : { token }, answer.user);
}

/** Comes in with a token. Throws what the server says if it does not let one in. */
export async function showToken(token: string): Promise<void> {
  const { user } = await new RestClient({ server, token }).call("GET /api/auth/me");
  goIn({ token }, user);
}

/** Makes the first account with what a link gave, and comes in with it. */
export async function makeFirst(account: rest.AccountBody, kept: Kept): Promise<void> {
  const rest = new RestClient({ server, token: kept.token });
  await rest.call("POST /api/users", { body: { ...account, role: "admin" } });
  await signIn(account.username ?? "", account.password ?? "");
}

/** Goes on with what a link gave, without an account. */
export const skipFirst = (kept: Kept): Promise<void> => enter(kept);
