// Arranges all terminals of a workspace at once.

import { Columns3, LayoutGrid, Square, StretchHorizontal } from "lucide-react";
import { stacked, tiled } from "@/features/workspace/arrangement";
import { columnsFor } from "@/features/workspace/geometry";
import { WORKSPACE_KEYS } from "@/features/workspace/keys";
import type { WorkspaceStore } from "@/features/workspace/store";
import { balanced, tabsOf } from "@/features/workspace/tiling";
import { IconButton } from "@/ui/Button";
import { Menu, MenuItem, MenuSeparator } from "@/ui/Menu";
import { aspectNow } from "./useSessionWorkspace";

const ICON = "size-4 text-muted";

/** The menu. Phones show one terminal at a time, and have none. */
export function ArrangeMenu({ store }: { readonly store: WorkspaceStore }) {
  const grid = () =>
    store.setState((now) => {
      const count = Math.min(8, tabsOf(now.tiling).length);
      return tiled(now, columnsFor(count, aspectNow()));
    });
  return (
    <div className="max-sm:hidden">
      <Menu
        trigger={
          <IconButton label="Arrange terminals">
            <LayoutGrid aria-hidden className="size-4" />
          </IconButton>
        }
      >
        <MenuItem icon={<LayoutGrid aria-hidden className={ICON} />} onSelect={grid}>
          Side by side, up to 8
        </MenuItem>
        <MenuItem
          icon={<Columns3 aria-hidden className={ICON} />}
          onSelect={() => store.setState((now) => tiled(now, 2, 2))}
        >
          Two columns
        </MenuItem>
        <MenuItem
          icon={<Square aria-hidden className={ICON} />}
          onSelect={() => store.setState((now) => stacked(now))}
        >
          All in one pane
        </MenuItem>
        <MenuItem
          icon={<StretchHorizontal aria-hidden className={ICON} />}
          onSelect={() => store.setState((now) => ({ tiling: balanced(now.tiling) }))}
        >
          Same sizes
        </MenuItem>
        <MenuSeparator />
        <Keys />
      </Menu>
    </div>
  );
}

const Keys = () => (
  <dl className="grid grid-cols-[auto_auto] gap-x-4 gap-y-1 px-2 py-1 text-tiny text-muted">
    {WORKSPACE_KEYS.map(({ keys, does }) => (
      <div key={keys} className="contents">
        <dt className="font-mono whitespace-nowrap text-ink">{keys}</dt>
        <dd className="max-w-56">{does}</dd>
      </div>
    ))}
  </dl>
);
