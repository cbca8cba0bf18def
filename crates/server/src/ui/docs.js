// The page at "/api/docs": shows the REST interface, and asks its routes with the token of whoever is signed in, or one that is typed in.

import { findToken } from "./token.js";

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

async function show() {
  const token = findToken();
  // Beside this page, whatever the base path is.
  const answer = await fetch("openapi.json");
  if (!answer.ok) throw new Error(`openapi.json: ${answer.status}`);
  const spec = await answer.json();
  spec.servers = [{ url: location.pathname.replace(/\/api\/docs\/?$/, "") || "/" }];
  const viewer = window.SwaggerUIBundle({
    spec,
    domNode: document.getElementById("docs"),
    deepLinking: true,
    docExpansion: "none",
    defaultModelsExpandDepth: 0,
    filter: true,
    tryItOutEnabled: true,
    // Nobody elsewhere is asked what they think of the document.
    validatorUrl: null,
    onComplete: () => {
      if (token !== null) viewer.preauthorizeApiKey("token", token);
    },
  });
}

show().catch((error) => {
  const problem = document.getElementById("docs-problem");
  problem.textContent = `The interface cannot be shown: ${error.message}`;
  problem.hidden = false;
});
