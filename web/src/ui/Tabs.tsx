// Tabs whose choice is the caller's, such as one that stands in the address.

import { Tabs as Base } from "@base-ui/react/tabs";
import type { ReactNode } from "react";

/** One of them. */
export interface Tab<Id extends string> {
  readonly id: Id;
  readonly label: ReactNode;
  readonly panel: ReactNode;
}

/** The tabs, and the panel of the one that is chosen. */
export function Tabs<Id extends string>({
  label,
  tabs,
  chosen,
  onChoose,
}: {
  readonly label: string;
  readonly tabs: readonly Tab<Id>[];
  readonly chosen: Id;
  readonly onChoose: (id: Id) => void;
}) {
  return (
    <Base.Root
      value={chosen}
      onValueChange={(value: unknown) => {
        const tab = tabs.find(({ id }) => id === value);
        if (tab !== undefined) onChoose(tab.id);
      }}
      className="flex min-h-0 min-w-0 flex-1 flex-col"
    >
      <Base.List
        aria-label={label}
        className="flex h-9 shrink-0 gap-1 border-b bg-surface px-2 touch:h-11"
      >
        {tabs.map(({ id, label: words }) => (
          <Base.Tab
            key={id}
            value={id}
            className="-mb-px inline-flex items-center gap-1.5 border-b-2 border-transparent px-2 text-muted hover:text-ink data-[active]:border-accent data-[active]:font-medium data-[active]:text-ink"
          >
            {words}
          </Base.Tab>
        ))}
      </Base.List>
      {tabs.map(({ id, panel }) => (
        <Base.Panel
          key={id}
          value={id}
          className="flex min-h-0 min-w-0 flex-1 flex-col outline-none"
          tabIndex={-1}
        >
          {panel}
        </Base.Panel>
      ))}
    </Base.Root>
  );
}
