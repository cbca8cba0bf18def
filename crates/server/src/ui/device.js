// The page at "/device": somebody who is signed in, or signs in here, lets a program in.

import { post } from "./api.js";
import { byId, setText } from "./element.js";
import { attendRenewal, keepEntry } from "./renewal.js";
import { findToken } from "./token.js";

const inLink = /^#code=([A-Za-z-]+)$/.exec(location.hash);
if (inLink !== null) byId("code").value = inLink[1];
let token = findToken();

/** Asks for name and password, unless this tab has a token. */
function askWho() {
  byId("device-who").hidden = token !== null;
  for (const id of ["login", "password"]) byId(id).required = token === null;
}

async function letIn() {
  if (token === null) {
    const entry = await post("auth/login", { username: byId("login").value.trim(), password: byId("password").value });
    token = keepEntry(entry);
    askWho();
  }
  await post("auth/device/confirm", { user_code: byId("code").value }, token);
  byId("device-fields").hidden = true;
  byId("device-done").hidden = false;
}

byId("device-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  byId("device-problem").hidden = true;
  try {
    await letIn();
  } catch (error) {
    byId("device-problem").hidden = false;
    setText(byId("device-problem"), `That did not work: ${error.message}.`);
  }
});

askWho();
attendRenewal((next) => { token = next; });
