// Renders parts of the page as if somebody were signed in.

import { QueryClient } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter } from "@tanstack/react-router";
import { cleanup } from "@testing-library/react";
import type { ReactNode } from "react";
import { onTestFinished, vi } from "vitest";
import { type Answers, type Asked, pretendedServer, show } from "./server";

/** Who looks, and what the server answers; a route that is not answered is refused with 404. */
export interface Surroundings {
  readonly role?: "admin" | "operator" | "viewer";
  readonly answer?: Answers;
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
  const { server, asked } = pretendedServer(role, answer);
  const cache = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  for (const [key, value] of told) cache.setQueryData(key, value);
  const root = createRootRoute({ component: () => ui });
  const router = createRouter({ routeTree: root, history: createMemoryHistory() });
  await router.load();
  show(router, server, cache);
  return { asked };
}
