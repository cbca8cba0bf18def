import { beforeEach, expect, it, vi } from "vitest";
import { RestClient, type RestOptions } from "./client.js";
import { RestError, retryAfterMs, UnreachableError } from "./errors.js";

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

/** A client whose requests are answered one after the other, and what it asked. */
function client(answers: (Response | Error)[], options: Partial<RestOptions> = {}) {
  const asked: Request[] = [];
  const fetch = async (url: URL | RequestInfo, request?: RequestInit) => {
    asked.push(new Request(url, request));
    const answer = answers.shift();
    if (answer instanceof Response) return answer;
    throw answer ?? new Error("nothing more was expected");
  };
  const all = { server: "http://fake/base", token: "t", fetch, random: () => 0.5, ...options };
  return { rest: new RestClient(all), asked };
}

const refused = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  Response.json(body, { status, headers });

it("a route is called with its path, query and body, and the token", async () => {
  const { rest, asked } = client([Response.json({ success: true })]);
  await rest.call("DELETE /api/repositories/{repository}/worktrees/{path}", {
    path: { repository: "r 1", path: "/a/b" },
    query: { force: "true" },
  });
  const url = "http://fake/base/api/repositories/r%201/worktrees/%2Fa%2Fb?force=true";
  expect([asked[0]?.method, asked[0]?.url]).toEqual(["DELETE", url]);
  expect(asked[0]?.headers.get("authorization")).toBe("Bearer t");
});

it("a body is JSON, and 204 is nothing", async () => {
  const { rest, asked } = client([new Response(null, { status: 204 })]);
  const path = { user: "ann" };
  const body = { newPassword: "12345678" };
  expect(await rest.call("PUT /api/v1/users/{user}/password", { path, body })).toBeUndefined();
  expect(await asked[0]?.json()).toEqual(body);
});

it("a file comes as it is", async () => {
  const { rest } = client([new Response("a,b", { headers: { "content-type": "text/csv" } })]);
  const file = await rest.call("GET /api/v1/audit/export", { query: { format: "csv" } });
  expect(await file.text()).toBe("a,b");
});

it("an answer is had as it comes, with what it is, and a refusal of it is an error like any other", async () => {
  const printed = new Response("one\ntwo\n", { headers: { "content-type": "text/plain" } });
  const { rest, asked } = client([printed, refused(404, { detail: "no such command" })]);
  const call = { path: { command: "cmd-1" }, query: { format: "text" } } as const;
  const answer = await rest.response("GET /api/v1/commands/{command}/output", call);
  expect(asked[0]?.url).toBe("http://fake/base/api/v1/commands/cmd-1/output?format=text");
  expect(answer.headers.get("content-type")).toBe("text/plain");
  expect(await answer.text()).toBe("one\ntwo\n");
  const missing = rest.response("GET /api/v1/commands/{command}/output", call);
  await expect(missing).rejects.toMatchObject({ status: 404, message: "no such command" });
});

it.each([
  [{ type: "about:blank", title: "Conflict", status: 409, detail: "in use" }, "in use", "Conflict"],
  [{ success: false, error: { code: "LIMIT", message: "enough", details: 3 } }, "enough", "LIMIT"],
  [{ error: "the agent is away" }, "the agent is away", "Conflict"],
  [{ status: "error", message: "no such run" }, "no such run", "Conflict"],
  [{ error: "slow_down", error_description: "wait" }, "wait", "slow_down"],
  ["<html>", "Conflict", "Conflict"],
])("a refusal is one kind of error: %j", async (body, message, code) => {
  const answer = new Response(JSON.stringify(body), { status: 409, statusText: "Conflict" });
  const { rest } = client([answer]);
  const asked = rest.call("GET /api/agents");
  await expect(asked).rejects.toThrow(RestError);
  await expect(asked).rejects.toMatchObject({ message, code, status: 409 });
});

it("a token that was refused is replaced once", async () => {
  let count = 0;
  const token = () => `t${++count}`;
  const no = () => refused(401, { error: "who?" });
  const { rest, asked } = client([no(), Response.json({ sessions: [] }), no(), no()], { token });
  expect(await rest.call("GET /api/sessions")).toEqual({ sessions: [] });
  await expect(rest.call("GET /api/sessions")).rejects.toMatchObject({ status: 401 });
  const shown = asked.map((request) => request.headers.get("authorization"));
  expect(shown).toEqual(["Bearer t1", "Bearer t2", "Bearer t2", "Bearer t3"]);
});

it("what does no harm twice is asked again when no answer came, and after the time the server says", async () => {
  const busy = refused(503, { error: "stopping" }, { "retry-after": "2" });
  const { rest, asked } = client([new Error("reset"), busy, Response.json({ sessions: [] })]);
  const answer = rest.call("GET /api/sessions");
  await vi.advanceTimersByTimeAsync(299);
  expect(asked.length).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked.length).toBe(2);
  await vi.advanceTimersByTimeAsync(1999);
  expect(asked.length).toBe(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(await answer).toEqual({ sessions: [] });
});

it("what may have been done is not asked again", async () => {
  const { rest, asked } = client([new Error("reset")]);
  const call = rest.call("POST /api/auth/logout");
  await expect(call).rejects.toThrow(UnreachableError);
  expect(asked.length).toBe(1);
});

it("what the server does once under a key is sent again under the same, until there is an answer", async () => {
  const made = () => Response.json({ id: "cmd-1" }, { status: 202 });
  const underWay = refused(409, { detail: "it is being done" }, { "retry-after": "1" });
  const { rest, asked } = client([new Error("reset"), underWay, made(), made()]);
  const body = { agentId: "a", command: "make" };
  const answer = rest.call("POST /api/v1/commands", { body });
  await vi.advanceTimersByTimeAsync(300);
  await vi.advanceTimersByTimeAsync(1000);
  expect((await answer).id).toBe("cmd-1");
  const keys = asked.map((request) => request.headers.get("idempotency-key"));
  expect(keys.length).toBe(3);
  expect(new Set(keys).size).toBe(1);
  expect(await asked[2]?.json()).toEqual(body);
  // Another request has another key, or its user's own.
  await rest.call("POST /api/v1/commands", { body, idempotencyKey: "mine" });
  expect(asked[3]?.headers.get("idempotency-key")).toBe("mine");
});

it("a conflict is no reason to ask again", async () => {
  const { rest, asked } = client([refused(409, { detail: "the agent is away" })]);
  const body = { agentId: "a", command: "make" };
  await expect(rest.call("POST /api/v1/commands", { body })).rejects.toThrow("away");
  expect(asked.length).toBe(1);
});

it("a request can be given up", async () => {
  const { rest, asked } = client([new Error("reset")]);
  const giveUp = new AbortController();
  const call = rest.call("GET /api/sessions", { signal: giveUp.signal });
  call.catch(() => {});
  await vi.advanceTimersByTimeAsync(10);
  giveUp.abort(new Error("never mind"));
  await expect(call).rejects.toThrow("never mind");
  expect(asked.length).toBe(1);
});

it("all pages are read one after the other", async () => {
  const page = (ids: number[], next?: number) =>
    Response.json({ hits: ids.map((position) => ({ position })), next });
  const { rest, asked } = client([page([9, 8], 8), page([7], 7), page([])]);
  const positions: number[] = [];
  const query = { q: "make", limit: 2 };
  for await (const hit of rest.items("GET /api/v1/search", "hits", { query })) {
    positions.push(hit.position);
  }
  expect(positions).toEqual([9, 8, 7]);
  expect(asked.map(({ url }) => new URL(url).search)).toEqual([
    "?q=make&limit=2",
    "?q=make&limit=2&before=8",
    "?q=make&limit=2&before=7",
  ]);
});

it("a wait is told in seconds or as a moment", () => {
  expect(retryAfterMs("2", 0)).toBe(2000);
  expect(retryAfterMs("Thu, 01 Jan 1970 00:00:10 GMT", 4000)).toBe(6000);
  expect([retryAfterMs(null, 0), retryAfterMs("soon", 0)]).toEqual([undefined, undefined]);
});
