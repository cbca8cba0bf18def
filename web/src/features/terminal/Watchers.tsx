// Who is in front of a terminal: how many in the line below it, and who they are when asked.

import { Eye, Pencil } from "lucide-react";
import type { Viewer } from "pilothouse-client";
import { useState } from "react";
import { Age } from "@/ui/Age";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import type { Facts } from "./facts";

/** See the top of the file. Whoever is alone is not told so. */
export function Watchers({
  facts: { viewers, viewerCount },
}: {
  readonly facts: Pick<Facts, "viewers" | "viewerCount">;
}) {
  const [isOpen, setOpen] = useState(false);
  if (viewerCount < 2) return null;
  return (
    <>
      <Button
        size="small"
        kind="quiet"
        className="min-w-0 px-1.5"
        icon={<Eye aria-hidden className="size-3.5 shrink-0" />}
        title="Who is here"
        onClick={() => setOpen(true)}
      >
        <span className="truncate">{othersWords(viewers, viewerCount)}</span>
      </Button>
      {isOpen && (
        <Dialog
          isOpen
          width="narrow"
          onClose={() => setOpen(false)}
          title="In front of this terminal"
          footer={
            <Button kind="primary" onClick={() => setOpen(false)}>
              Close
            </Button>
          }
        >
          <ul className="flex flex-col divide-y">
            {viewers.map((viewer) => (
              <Watcher key={viewer.id} viewer={viewer} />
            ))}
          </ul>
          {viewerCount > viewers.length && (
            <p className="pt-2 text-muted">and {viewerCount - viewers.length} more</p>
          )}
        </Dialog>
      )}
    </>
  );
}

function Watcher({ viewer }: { readonly viewer: Viewer }) {
  const { mayType, ownsSize, since } = viewer;
  const Icon = mayType ? Pencil : Eye;
  return (
    <li className="flex items-center gap-2 py-1.5">
      <Icon aria-hidden className="size-3.5 shrink-0 text-muted" />
      <span className="min-w-0 flex-1 truncate font-medium">{nameOf(viewer)}</span>
      <span className="text-small text-muted">
        {mayType ? "may type" : "only looks"}
        {ownsSize && ", decides the size"} · <Age since={since} />
      </span>
    </li>
  );
}

/** What to call somebody. */
export const nameOf = ({ name, user, isYou }: Viewer): string =>
  `${name === "" ? user : name}${isYou ? " (you)" : ""}`;

/** Who else is here: up to two names, then how many more. */
export function othersWords(viewers: readonly Viewer[], count: number): string {
  const others = viewers.filter(({ isYou }) => !isYou);
  const named = others.slice(0, 2).map(nameOf);
  const more = count - 1 - named.length;
  return more > 0 ? `${named.join(", ")} and ${more} more` : named.join(", ");
}
