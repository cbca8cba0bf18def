// How somebody comes in: with a password, with a token, or with the code of a link, which may lead to the first account.

import { post } from "./api.js";
import { byId, setText } from "./element.js";
import { keepEntry } from "./renewal.js";
import { keepToken } from "./token.js";

const forms = ["sign-in-form", "token-form", "first-form"];

/** Shows what is wrong, or nothing. */
export function tellProblem(problem) {
  byId("sign-in-problem").hidden = problem === null;
  setText(byId("sign-in-problem"), problem ?? "");
}

function show(form) {
  byId("first-form").hidden = form !== "first-form";
  byId("sign-in-form").hidden = form === "first-form";
  byId("with-token").hidden = form === "first-form";
}

/** Empties the forms and shows the one that people know. */
export function askWho() {
  for (const form of forms) byId(form).reset();
  show("sign-in-form");
  byId("login").focus();
}

/** Uses the code of a link up; `open` gets the token, perhaps after the first account was made. */
export async function useCode(code, open) {
  const entry = await post("auth/exchange", { code });
  if (!entry.isFirst) return open(keepToken(entry.token));
  show("first-form");
  byId("first-name").focus();
  byId("first-skip").onclick = () => open(keepToken(entry.token));
  onSubmit("first-form", async () => {
    const account = { username: byId("first-name").value.trim(), email: byId("first-email").value.trim(), password: byId("first-password").value };
    await post("users", { ...account, role: "admin" }, entry.token);
    await signIn(account.username, account.password, open);
  });
}

async function signIn(username, password, open) {
  const entry = await post("auth/login", { username, password });
  open(keepEntry(entry));
}

function onSubmit(form, act) {
  byId(form).onsubmit = async (event) => {
    event.preventDefault();
    tellProblem(null);
    try {
      await act();
    } catch (error) {
      tellProblem(`That did not work: ${error.message}.`);
    }
  };
}

/** Lets the forms work; `open` gets the token of whoever comes in. */
export function attend(open) {
  onSubmit("sign-in-form", () => signIn(byId("login").value.trim(), byId("password").value, open));
  onSubmit("token-form", () => {
    const token = byId("token").value.trim();
    if (token !== "") open(keepToken(token));
  });
}
