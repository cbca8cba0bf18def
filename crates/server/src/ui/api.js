// Requests over HTTP: a JSON body there, a JSON body back, or an error in the server's words.

/** Posts; resolves with the answer, rejects with an Error whose message is for people. */
export async function post(path, body, token) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  // Found from this script's own place, so that it also works below a path of a proxy.
  const url = new URL(`../api/${path}`, import.meta.url);
  let response;
  try {
    response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body), credentials: "same-origin" });
  } catch {
    throw Object.assign(new Error("the server cannot be reached"), { isForNow: true });
  }
  const answer = await response.json().catch(() => null);
  if (response.ok) return answer;
  const isForNow = response.status === 429 || response.status === 503;
  throw Object.assign(new Error(answer?.error?.message ?? `the server answered with ${response.status}`), { isForNow });
}
