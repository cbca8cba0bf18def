// Says that the server is away, since when, and when it is tried again. Nothing while all is well.

import { useConnections, worst } from "@/live/connections";
import { useClock } from "@/ui/Age";
import { span } from "@/ui/ages";
import { Button } from "@/ui/Button";

/** A short absence, such as a restart that takes a second, is not worth a banner. */
const QUIET_MS = 700;

/** The line above the page. */
export function ConnectionNotice() {
  const link = useConnections(worst);
  const retry = useConnections(({ retry: again }) => again);
  const words = useClock((now) => {
    if (link.is === "open" || link.is === "connecting") return "";
    if (link.is === "over")
      return `Not connected: ${link.reason ?? "the server ended the connection"}.`;
    if (now - link.since < QUIET_MS) return "";
    const next = link.nextAt === undefined ? 0 : link.nextAt - now;
    const soon = next > 1000 ? `Next try in ${span(next)}.` : "Trying now.";
    return `The server has been away for ${span(now - link.since)}. What you see is from before; nothing is lost. ${soon}`;
  });
  return (
    <div role="status" aria-live="polite">
      {words !== "" && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b bg-warn-soft px-4 py-1.5 text-warn">
          <span className="tabular min-w-0 flex-1 font-medium">{words}</span>
          <Button size="small" onClick={retry}>
            Reconnect now
          </Button>
        </div>
      )}
    </div>
  );
}
