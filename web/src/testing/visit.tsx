// Shows a page in a test: at an address, to somebody who is signed in.

import {
  type AnyRoute,
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
} from "@tanstack/react-router";
import { cleanup } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { onTestFinished, vi } from "vitest";
import "./browser";
import { makeQueryClient } from "@/api/queryClient";
import { pretendedServer, show } from "./server";

export { refusal } from "./server";

/** Answers a request: what JSON has, a `Response`, or nothing for 404. */
export type Answers = (route: string, body: unknown, query: URLSearchParams) => unknown;

/** The route that a page is at, and how it reads its address. */
export interface PageRoute {
  readonly at: string;
  readonly read: (search: Readonly<Record<string, unknown>>) => object;
}

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
  const { server, asked } = pretendedServer(role, ({ route, body, query }) =>
    answers(route, body, query),
  );
  const cache = makeQueryClient();
  const root = createRootRoute();
  // Wherever else a page with an address of its own leads, something else is.
  const elsewhere = own === undefined ? Page : () => null;
  const routes: AnyRoute[] = ["/", "/$", "/agents/$agentId"].map((at) =>
    createRoute({ getParentRoute: () => root, path: at, component: elsewhere }),
  );
  if (own !== undefined) {
    const { at, read } = own;
    const options = { getParentRoute: () => root, path: at, component: Page, validateSearch: read };
    routes.push(createRoute(options));
  }
  const history = createMemoryHistory({ initialEntries: [path] });
  const router = createRouter({ routeTree: root.addChildren(routes), history });
  show(router, server, cache);
  onTestFinished(() => {
    cleanup();
    cache.clear();
  });
  return { asked, cache, history, person: userEvent.setup() };
}
