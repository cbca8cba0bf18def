// Which address shows which page. Pages are fetched when they are first shown.

import {
  createRootRoute,
  createRoute,
  createRouter,
  Link,
  lazyRouteComponent,
} from "@tanstack/react-router";
import { agentSearch } from "@/pages/agent/search";
import { fleetSearch } from "@/pages/fleet/search";
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

const fleet = createRoute({
  getParentRoute: () => root,
  path: "/",
  validateSearch: fleetSearch,
  component: lazyRouteComponent(() => import("@/pages/fleet/Page"), "Page"),
});

const agent = createRoute({
  getParentRoute: () => root,
  path: "/agents/$agentId",
  validateSearch: agentSearch,
  component: lazyRouteComponent(() => import("@/pages/agent/Page"), "Page"),
});

const routes = root.addChildren([
  fleet,
  agent,
  at("/sessions", () => import("@/pages/sessions/Page")),
  at("/sessions/$sessionId", () => import("@/pages/session/Page")),
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
