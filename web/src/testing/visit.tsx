// Shows a page in a test: with a router, a cache, and a server that answers what the test says.

import { QueryClientProvider } from "@tanstack/react-query";
import {
  type AnyRoute,
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { cleanup, render } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { DashboardClient, RestClient, type rest, SessionsClient } from "pilothouse-client";
import { onTestFinished, vi } from "vitest";
import "./browser";
import { makeQueryClient } from "@/api/queryClient";
import { type Server, ServerProvider } from "@/api/server";
import { Toasts } from "@/ui/Toasts";

/** One request, as the page made it. */
export interface Asked {
  readonly route: string;
  readonly body: unknown;
  /** What stood behind the "?". */
  readonly query: URLSearchParams;
}

/** Answers a request: what JSON has, a `Response`, or nothing for 404. */
export type Answers = (route: string, body: unknown, query: URLSearchParams) => unknown;

/** The route that a page is at, and how it reads its address. */
export interface PageRoute {
  readonly at: string;
  readonly read: (search: Readonly<Record<string, unknown>>) => object;
}

/** A refusal as `/api/v1` says it. */
export const refusal = (status: number, detail: string): Response =>
  Response.json({ type: "about:blank", title: "Refused", status, detail }, { status });

/** Shows a page to somebody. Ends with the test. */
export function visit(
  Page: () => React.ReactNode,
  answers: Answers,
  {
    role = "admin",
    path = "/",
    route: own,
  }: { readonly role?: string; readonly path?: string; readonly route?: PageRoute } = {},
) {
  // Lists show what fits into their height, and nothing has one here.
  vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(400);
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(40);
  const asked: Asked[] = [];
  const fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(String(input));
    const route = `${init.method ?? "GET"} ${url.pathname}`;
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : undefined;
    asked.push({ route, body, query: url.searchParams });
    const answer = answers(route, body, url.searchParams);
    if (answer instanceof Response) return answer;
    return answer === undefined ? refusal(404, "not found") : Response.json(answer);
  };
  const options = { server: "http://house", token: "token" };
  const user: rest.User = { id: "usr-ann", name: "ann", username: "ann", role, createdAt: "2026" };
  const server: Server = {
    url: "http://house",
    token: async () => "token",
    rest: new RestClient({ ...options, fetch, retries: 0 }),
    dashboard: new DashboardClient(options),
    sessions: new SessionsClient(options),
    user,
    signOut: async () => {},
    changePassword: async () => {},
    doubt: () => {},
  };
  const cache = makeQueryClient();
  const root = createRootRoute();
  const routes: AnyRoute[] = ["/", "/$", "/agents/$agentId"].map((at) =>
    createRoute({ getParentRoute: () => root, path: at, component: Page }),
  );
  if (own !== undefined) {
    const { at, read } = own;
    const options = { getParentRoute: () => root, path: at, component: Page, validateSearch: read };
    routes.push(createRoute(options));
  }
  const history = createMemoryHistory({ initialEntries: [path] });
  const router = createRouter({ routeTree: root.addChildren(routes), history });
  render(
    <Toasts>
      <QueryClientProvider client={cache}>
        <ServerProvider value={server}>
          <RouterProvider router={router} />
        </ServerProvider>
      </QueryClientProvider>
    </Toasts>,
  );
  onTestFinished(() => {
    cleanup();
    cache.clear();
  });
  return { asked, cache, history, person: userEvent.setup() };
}
