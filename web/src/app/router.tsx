// Which address shows which page. Pages are fetched when they are first shown.

import {
  createRootRoute,
  createRoute,
  createRouter,
  Link,
  lazyRouteComponent,
} from "@tanstack/react-router";
import { sessionSearch } from "@/pages/session/search";
import { sessionsSearch } from "@/pages/sessions/search";
import { Empty, Failure } from "@/ui/Emptiness";
import { Layout } from "./Layout";

const root = createRootRoute({
  component: Layout,
  notFoundComponent: () => (
    <Empty
      title="There is no such page"
      action={
        <Link to="/" className="font-medium text-accent-ink underline underline-offset-2">
          Go to the fleet
        </Link>
      }
    />
  ),
  errorComponent: ({ error, reset }) => <Failure error={error} onRetry={reset} />,
});

const at = <const Path extends string>(
  path: Path,
  load: () => Promise<{ Page: () => React.ReactNode }>,
) => createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load, "Page") });

const sessions = createRoute({
  getParentRoute: () => root,
  path: "/sessions",
  validateSearch: sessionsSearch,
  component: lazyRouteComponent(() => import("@/pages/sessions/Page"), "Page"),
});

const session = createRoute({
  getParentRoute: () => root,
  path: "/sessions/$sessionId",
  validateSearch: sessionSearch,
  component: lazyRouteComponent(() => import("@/pages/session/Page"), "Page"),
});

const routes = root.addChildren([
  at("/", () => import("@/pages/fleet/Page")),
  at("/agents/$agentId", () => import("@/pages/agent/Page")),
  sessions,
  session,
  at("/history", () => import("@/pages/history/Page")),
  at("/history/commands/$commandId", () => import("@/pages/command/Page")),
  at("/history/recordings/$sessionId/$workerId", () => import("@/pages/recording/Page")),
  at("/presets", () => import("@/pages/presets/Page")),
  at("/people", () => import("@/pages/people/Page")),
  at("/keys", () => import("@/pages/keys/Page")),
  at("/audit", () => import("@/pages/audit/Page")),
  at("/settings", () => import("@/pages/settings/Page")),
  at("/device", () => import("@/pages/device/Page")),
]);

/** The page's addresses. */
export const router = createRouter({ routeTree: routes, defaultPreload: "intent" });

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
