// The browser of a run as it is now: watched by whoever may, and taken over by one person at a time.

import { useBrowsers } from "@/api/browsers";
import { LiveView } from "@/features/browsers/LiveView";
import { useWatching } from "@/features/browsers/useWatching";

/** See the top of the file. */
export function RunLive({ streamId, name }: { readonly streamId: string; readonly name: string }) {
  const watching = useWatching(streamId, { hasEvents: true });
  const browser = useBrowsers((all) => all.get(streamId)).data;
  if (watching === undefined) return null;
  return <LiveView watching={watching} sessionId={streamId} name={name} browser={browser} />;
}
