// Which address shows which page. Pages are fetched when they are first shown.

import {
  createRootRoute,
  createRoute,
  createRouter,
  Link,
  lazyRouteComponent,
} from "@tanstack/react-router";
import { basePath } from "@/api/place";
import { agentSearch } from "@/pages/agent/search";
import { auditSearch } from "@/pages/audit/search";
import { commandSearch } from "@/pages/command/search";
import { fleetSearch } from "@/pages/fleet/search";
import { historySearch } from "@/pages/history/search";
import { logSearch } from "@/pages/log/search";
import { recordingSearch } from "@/pages/recording/search";
import { runSearch } from "@/pages/run/search";
import { runsSearch } from "@/pages/runs/search";
import { sessionSearch } from "@/pages/session/search";
import { wallSearch } from "@/pages/session/wallSearch";
import { sessionsSearch } from "@/pages/sessions/search";
import { Empty, Failure } from "@/ui/Emptiness";
import { PageHeader } from "@/ui/PageHeader";
import { Layout } from "./Layout";

const root = createRootRoute({
  component: Layout,
  notFoundComponent: () => (
    <>
      <PageHeader title="Not found" documentTitle="Not found" />
      <Empty
        title="There is no such page"
        action={
          <Link to="/" className="font-medium text-accent-ink underline underline-offset-2">
            Go to the fleet
          </Link>
        }
      />
    </>
  ),
  errorComponent: ({ error, reset }) => <Failure error={error} onRetry={reset} />,
});

type Load = () => Promise<{ Page: () => React.ReactNode }>;

const at = <const Path extends string>(path: Path, load: Load) =>
  createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load, "Page") });

/** A page whose address says more than its path, after `?`. `read` makes sense of whatever stands there. */
const searched = <const Path extends string, Search extends object>(
  path: Path,
  read: (search: Readonly<Record<string, unknown>>) => Search,
  load: Load,
) =>
  createRoute({
    getParentRoute: () => root,
    path,
    validateSearch: read,
    component: lazyRouteComponent(load, "Page"),
  });

const routes = root.addChildren([
  searched("/", fleetSearch, () => import("@/pages/fleet/Page")),
  searched("/agents/$agentId", agentSearch, () => import("@/pages/agent/Page")),
  searched("/sessions", sessionsSearch, () => import("@/pages/sessions/Page")),
  searched("/sessions/$sessionId", sessionSearch, () => import("@/pages/session/Page")),
  searched("/wall", wallSearch, () => import("@/pages/session/Wall")),
  at("/live", () => import("@/pages/live/Page")),
  at("/live/$sessionId", () => import("@/pages/live/Watch")),
  at("/live/$sessionId/recordings/$recordingId", () => import("@/pages/recorded/Page")),
  searched("/runs", runsSearch, () => import("@/pages/runs/Page")),
  searched("/runs/$runId", runSearch, () => import("@/pages/run/Page")),
  searched("/history", historySearch, () => import("@/pages/history/Page")),
  searched("/history/commands/$commandId", commandSearch, () => import("@/pages/command/Page")),
  searched(
    "/history/recordings/$sessionId/$workerId",
    recordingSearch,
    () => import("@/pages/recording/Page"),
  ),
  searched("/history/logs/$sessionId/$workerId", logSearch, () => import("@/pages/log/Page")),
  at("/presets", () => import("@/pages/presets/Page")),
  at("/people", () => import("@/pages/people/Page")),
  at("/keys", () => import("@/pages/keys/Page")),
  searched("/audit", auditSearch, () => import("@/pages/audit/Page")),
  at("/settings", () => import("@/pages/settings/Page")),
  at("/device", () => import("@/pages/device/Page")),
]);

/** The page's addresses. */
export const router = createRouter({
  basepath: basePath === "" ? "/" : basePath,
  routeTree: routes,
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
