// The browser of a run as it is now: watched by whoever may, and taken over by one person at a time.

import { useBrowsers } from "@/api/browsers";
import { LiveView } from "@/features/browsers/LiveView";
import { useFacts, useWatching } from "@/features/browsers/useWatching";
import type { Watching } from "@/features/browsers/watching";

/** See the top of the file. */
export function RunLive({ streamId, name }: { readonly streamId: string; readonly name: string }) {
  const watching = useWatching(streamId, { hasEvents: true });
  const browser = useBrowsers((all) => all.get(streamId)).data;
  if (watching === undefined) return null;
  return (
    <>
      <Held watching={watching} />
      <LiveView watching={watching} sessionId={streamId} name={name} browser={browser} />
    </>
  );
}

/** Says why nothing goes on while a person steers. */
function Held({ watching }: { readonly watching: Watching }) {
  const isHeld = useFacts(watching, ({ control }) => control?.holder != null);
  if (!isHeld) return null;
  return (
    <p
      role="status"
      className="shrink-0 border-b bg-warn-soft px-3 py-1.5 text-warn in-data-[keyboard=open]:hidden"
    >
      The run waits until control is handed back, and then looks at the page anew.
    </p>
  );
}
