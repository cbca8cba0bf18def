// Who watches a browser: names in a line, everybody when asked.

import { Eye } from "lucide-react";
import type { LiveWatcher } from "pilothouse-client";
import { useState } from "react";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";

/** Up to two names, then how many more. */
export function watchersWords(watchers: readonly LiveWatcher[]): string {
  const named = watchers.slice(0, 2).map(({ name }) => name);
  const more = watchers.length - named.length;
  return more > 0 ? `${named.join(", ")} and ${more} more` : named.join(", ");
}

/** See the top of the file. */
export function Watchers({ watchers }: { readonly watchers: readonly LiveWatcher[] }) {
  const [isOpen, setOpen] = useState(false);
  if (watchers.length === 0) return null;
  return (
    <>
      <Button
        size="small"
        kind="quiet"
        className="min-w-0"
        icon={<Eye aria-hidden className="size-4 shrink-0" />}
        title="Who watches"
        onClick={() => setOpen(true)}
      >
        <span className="sr-only">Watched by </span>
        <span className="truncate">{watchersWords(watchers)}</span>
      </Button>
      <Dialog
        isOpen={isOpen}
        width="narrow"
        onClose={() => setOpen(false)}
        title="Who watches this browser"
        footer={
          <Button kind="primary" onClick={() => setOpen(false)}>
            Close
          </Button>
        }
      >
        <ul className="flex flex-col divide-y">
          {watchers.map(({ name, role, connections }) => (
            <li key={`${name} ${role}`} className="flex items-center gap-2 py-1.5">
              <span className="min-w-0 flex-1 truncate font-medium">{name}</span>
              <span className="text-small text-muted">
                {role}
                {connections > 1 && `, in ${connections} places`}
              </span>
            </li>
          ))}
        </ul>
      </Dialog>
    </>
  );
}
