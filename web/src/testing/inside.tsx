// Renders parts of the page as if somebody were signed in, against a server that answers what a test says.

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { cleanup, render } from "@testing-library/react";
import { DashboardClient, RestClient, SessionsClient } from "pilothouse-client";
import type { ReactNode } from "react";
import { onTestFinished, vi } from "vitest";
import { type Server, ServerProvider } from "@/api/server";
import { Toasts } from "@/ui/Toasts";
import { FakeServer } from "../../../sdk/typescript/src/test/fakeServer";

/** What was asked for. */
export interface Asked {
  /** Such as `POST /api/v1/commands`. */
  readonly route: string;
  readonly body: unknown;
}

/** Who looks, and what the server answers; a route that is not answered is refused with 404. */
export interface Surroundings {
  readonly role?: "admin" | "operator" | "viewer";
  readonly answer?: (asked: Asked) => unknown;
  /** What `live` has told, by its key in the cache. */
  readonly told?: readonly (readonly [readonly unknown[], unknown])[];
}

/** Renders it; `asked` grows with every request. */
export async function renderInside(
  ui: ReactNode,
  { role = "operator", answer = () => undefined, told = [] }: Surroundings = {},
): Promise<{ readonly asked: Asked[] }> {
  onTestFinished(cleanup);
  // jsdom lays nothing out: lists would show no row.
  vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(600);
  vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(800);
  vi.stubGlobal("matchMedia", () => ({
    matches: true,
    addEventListener: () => {},
    removeEventListener: () => {},
  }));
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      unobserve() {}
      disconnect() {}
    },
  );
  const asked: Asked[] = [];
  const fetch = async (url: URL | RequestInfo, request?: RequestInit) => {
    const { pathname } = new URL(String(url));
    const body: unknown = typeof request?.body === "string" ? JSON.parse(request.body) : undefined;
    const one = { route: `${request?.method} ${pathname}`, body };
    asked.push(one);
    const found = answer(one);
    if (found instanceof Response) return found;
    if (found === undefined) return Response.json({ detail: "not there" }, { status: 404 });
    return Response.json(found);
  };
  const options = new FakeServer().options;
  const server: Server = {
    url: "http://fake",
    token: async () => "token",
    rest: new RestClient({ server: "http://fake", fetch, retries: 0 }),
    dashboard: new DashboardClient({ ...options, follow: "own" }),
    sessions: new SessionsClient(options),
    user: { id: "ann", name: "ann", username: "ann", role },
    signOut: async () => {},
    changePassword: async () => {},
    doubt: () => {},
  };
  const cache = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  for (const [key, value] of told) cache.setQueryData(key, value);
  const root = createRootRoute({ component: () => ui });
  const router = createRouter({ routeTree: root, history: createMemoryHistory() });
  await router.load();
  render(
    <Toasts>
      <QueryClientProvider client={cache}>
        <ServerProvider value={server}>
          <RouterProvider router={router} />
        </ServerProvider>
      </QueryClientProvider>
    </Toasts>,
  );
  return { asked };
}
