// Keeps somebody signed in: gets the next token before the present one expires. What that takes is good once, so no two
// tabs may have it: it is in this tab's memory, and in its storage only from the moment it is left until it is shown again.

import { post } from "./api.js";
import { keepToken } from "./token.js";

const key = "pilothouse.renewal";
/** Of a token's life, how much may pass before the next is fetched. */
const share = 0.8;
/** How often it is looked at: timers stand still while a machine sleeps. */
const lookEveryMs = 15_000;
/** A token that lives so shortly is renewed by looking more often. */
const fewestLooks = 20;

let secret = null;
let looking = 0;
/** Counts attempts and ends, so that an answer that comes late changes nothing. */
let turn = 0;
let onToken = () => {};

/** How long a token counts, in milliseconds, by its own words; a clock that is wrong here does not matter. */
export function lifetimeMs(token) {
  try {
    const text = atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"));
    const { iat, exp } = JSON.parse(text);
    return exp > iat ? (exp - iat) * 1000 : Infinity;
  } catch {
    return Infinity;
  }
}

/** Takes what a sign-in gave; `entry` may have nothing to renew with. */
export function keepEntry(entry) {
  secret = entry.refreshToken ?? null;
  turn += 1;
  plan(entry.token);
  return keepToken(entry.token);
}

/** Forgets it. */
export function forgetRenewal() {
  secret = null;
  turn += 1;
  sessionStorage.removeItem(key);
  clearInterval(looking);
}

/** Begins to renew; `open` gets each next token. A tab that was loaded anew renews first, since it knows no age. */
export async function attendRenewal(open) {
  onToken = open;
  addEventListener("pagehide", () => {
    if (secret !== null) sessionStorage.setItem(key, secret);
  });
  addEventListener("pageshow", take);
  take();
  await renew();
}

function take() {
  const kept = sessionStorage.getItem(key);
  sessionStorage.removeItem(key);
  secret ??= kept;
}

function plan(token) {
  const lifetime = lifetimeMs(token);
  if (secret !== null && lifetime < Infinity) look(lifetime * share, Math.min(lookEveryMs, lifetime / fewestLooks));
}

function look(inMs, everyMs) {
  const renewAt = Date.now() + inMs;
  clearInterval(looking);
  looking = setInterval(() => {
    if (Date.now() >= renewAt) renew();
  }, everyMs);
}

async function renew() {
  if (secret === null) return;
  const shown = secret;
  const mine = ++turn;
  // While the answer is under way nobody asks with the same secret.
  secret = null;
  clearInterval(looking);
  try {
    const entry = await post("auth/refresh", { refreshToken: shown });
    if (mine === turn) onToken(keepEntry(entry));
  } catch (error) {
    // Otherwise the sign-in is over, and the socket will say so.
    if (mine !== turn || !error.isForNow) return;
    secret = shown;
    look(lookEveryMs, lookEveryMs);
  }
}
