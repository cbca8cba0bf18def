// The server of tests: it answers requests as a test says, and its sockets stay silent.

import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type AnyRouter, RouterProvider } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import { DashboardClient, RestClient, type rest, SessionsClient } from "pilothouse-client";
import { type Server, ServerProvider } from "@/api/server";
import { Toasts } from "@/ui/Toasts";
import { FakeServer } from "../../../sdk/typescript/src/test/fakeServer";

/** One request, as the page made it. */
export interface Asked {
  /** Such as `POST /api/v1/commands`. */
  readonly route: string;
  readonly body: unknown;
  /** What stood behind the "?". */
  readonly query: URLSearchParams;
}

/** Answers a request: what JSON has, a `Response`, or nothing for 404. */
export type Answers = (asked: Asked) => unknown;

/** A refusal as `/api/v1` says it. */
export const refusal = (status: number, detail: string): Response =>
  Response.json({ type: "about:blank", title: "Refused", status, detail }, { status });

/** A server for somebody of a role; `asked` grows with every request. */
export function pretendedServer(role: string, answers: Answers) {
  const asked: Asked[] = [];
  const fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(String(input));
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : undefined;
    const route = `${init.method ?? "GET"} ${url.pathname}`;
    const one = { route, body, query: url.searchParams };
    asked.push(one);
    const answer = answers(one);
    if (answer instanceof Response) return answer;
    return answer === undefined ? refusal(404, "not found") : Response.json(answer);
  };
  const sockets = new FakeServer();
  const options = { ...sockets.options, server: "http://house", token: "token" };
  const user: rest.User = { id: "usr-ann", name: "ann", username: "ann", role, createdAt: "2026" };
  const server: Server = {
    url: options.server,
    token: async () => options.token,
    rest: new RestClient({ server: options.server, token: options.token, fetch, retries: 0 }),
    dashboard: new DashboardClient({ ...options, follow: "own" }),
    sessions: new SessionsClient(options),
    user,
    signOut: async () => {},
    changePassword: async () => {},
    doubt: () => {},
  };
  return { server, asked };
}

/** Shows what the router has to somebody who is signed in there. */
export const show = (router: AnyRouter, server: Server, cache: QueryClient) =>
  render(
    <Toasts>
      <QueryClientProvider client={cache}>
        <ServerProvider value={server}>
          <RouterProvider router={router} />
        </ServerProvider>
      </QueryClientProvider>
    </Toasts>,
  );
