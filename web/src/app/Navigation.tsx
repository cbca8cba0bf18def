// The way around: a rail at the side, on phones a bar below.

import { Link, useNavigate } from "@tanstack/react-router";
import { Ellipsis, LogOut, Monitor, Moon, OctagonX, Search, Sun } from "lucide-react";
import { icon } from "@/api/place";
import { useMay, useServer } from "@/api/server";
import { useEmergency } from "@/features/agents/emergency";
import { useAttention } from "@/live/attention";
import { Count } from "@/ui/Badge";
import { classes } from "@/ui/classes";
import { Menu, MenuChoice, MenuChoices, MenuItem, MenuSeparator } from "@/ui/Menu";
import { usePalette } from "./palette/open";
import { type NavigationPlace, PLACES } from "./places";
import { useTheme } from "./theme";

const ITEM =
  "group relative flex h-8 items-center gap-2.5 rounded-md px-2 text-muted hover:bg-sunken hover:text-ink dark:hover:bg-raised aria-[current=page]:bg-accent-soft aria-[current=page]:font-medium aria-[current=page]:text-accent-ink max-lg:justify-center max-lg:px-0";

const usePlaces = (group: NavigationPlace["group"]) => {
  const { administer } = useMay();
  return PLACES.filter(
    (place) => place.group === group && (administer || !place.isForAdministrators),
  );
};

/** How many things wait for a person. */
const useWaiting = () => useAttention((items) => items.length).data ?? 0;

function Places({ group }: { readonly group: NavigationPlace["group"] }) {
  const waiting = useWaiting();
  return usePlaces(group).map(({ to, label, icon: Icon }) => (
    <Link key={to} to={to} className={ITEM} activeOptions={{ exact: to === "/" }} title={label}>
      <Icon aria-hidden className="size-4 shrink-0" />
      <span className="max-lg:sr-only">{label}</span>
      {to === "/" && waiting > 0 && (
        <span className="ml-auto max-lg:absolute max-lg:-top-1 max-lg:-right-1">
          <Count count={waiting} tone="warn" />
          <span className="sr-only"> waiting for you</span>
        </span>
      )}
    </Link>
  ));
}

function PersonEntries() {
  const { signOut } = useServer();
  const { theme, choose } = useTheme();
  return (
    <>
      <MenuChoices
        label="Appearance"
        value={theme}
        onChange={(value) => {
          if (value === "light" || value === "dark" || value === "system") choose(value);
        }}
      >
        <MenuChoice value="light">
          <span className="flex items-center gap-2">
            <Sun aria-hidden className="size-4" /> Light
          </span>
        </MenuChoice>
        <MenuChoice value="dark">
          <span className="flex items-center gap-2">
            <Moon aria-hidden className="size-4" /> Dark
          </span>
        </MenuChoice>
        <MenuChoice value="system">
          <span className="flex items-center gap-2">
            <Monitor aria-hidden className="size-4" /> As the machine
          </span>
        </MenuChoice>
      </MenuChoices>
      <MenuSeparator />
      <MenuItem icon={<LogOut aria-hidden className="size-4" />} onSelect={signOut}>
        Sign out
      </MenuItem>
    </>
  );
}

function PersonMenu() {
  const { user } = useServer();
  const trigger = (
    <button
      type="button"
      className="flex h-9 w-full min-w-0 items-center gap-2 rounded-md px-2 text-left hover:bg-sunken dark:hover:bg-raised max-lg:justify-center max-lg:px-0"
    >
      <span
        aria-hidden
        className="flex size-6 shrink-0 items-center justify-center rounded-full bg-accent-soft text-tiny font-semibold text-accent-ink uppercase"
      >
        {user.name.slice(0, 2)}
      </span>
      <span className="min-w-0 max-lg:sr-only">
        <span className="block truncate text-small font-medium">{user.name}</span>{" "}
        <span className="block truncate text-tiny text-faint">{user.role}</span>
      </span>
      <span className="sr-only">appearance, sign out</span>
    </button>
  );
  return (
    <Menu trigger={trigger} side="top" align="start">
      <PersonEntries />
    </Menu>
  );
}

/** The rail: with words on wide screens, with pictures alone on narrower ones. */
export function Navigation() {
  const open = usePalette((state) => state.open);
  return (
    <nav
      aria-label="Main"
      className="flex w-48 shrink-0 flex-col gap-0.5 border-r bg-surface p-2 max-lg:w-14 max-sm:hidden"
    >
      <Link
        to="/"
        className="mb-1 flex h-9 items-center gap-2.5 px-2 max-lg:justify-center max-lg:px-0"
      >
        <img src={icon} alt="" className="size-5" />
        <span className="font-semibold max-lg:sr-only">Pilothouse</span>
      </Link>
      <button
        type="button"
        onClick={open}
        className={classes(ITEM, "mb-2 border")}
        title="Search (Ctrl K)"
      >
        <Search aria-hidden className="size-4 shrink-0" />
        <span className="max-lg:sr-only">Go to…</span>
        <kbd className="ml-auto font-mono text-tiny text-faint max-lg:hidden">Ctrl K</kbd>
      </button>
      <Places group="work" />
      <div className="my-2 border-t" />
      <Places group="administration" />
      <div className="mt-auto pt-2">
        <PersonMenu />
      </div>
    </nav>
  );
}

/** The bar of phones. */
export function PhoneBar() {
  const waiting = useWaiting();
  const open = usePalette((state) => state.open);
  const more = usePlaces("administration");
  const { act } = useMay();
  const openEmergency = useEmergency((state) => state.open);
  const navigate = useNavigate();
  const item =
    "relative flex flex-1 flex-col items-center justify-center gap-0.5 text-tiny text-muted aria-[current=page]:text-accent-ink aria-[current=page]:font-medium";
  return (
    <nav
      aria-label="Main"
      className="flex h-[calc(3.25rem+env(safe-area-inset-bottom))] shrink-0 border-t bg-surface pb-[env(safe-area-inset-bottom)] in-data-[keyboard=open]:hidden sm:hidden"
    >
      {usePlaces("work").map(({ to, label, icon: Icon }) => (
        <Link key={to} to={to} className={item} activeOptions={{ exact: to === "/" }}>
          <Icon aria-hidden className="size-5" />
          {label}
          {to === "/" && waiting > 0 && (
            <span className="absolute top-1 left-[calc(50%+6px)]">
              <Count count={waiting} tone="warn" />
              <span className="sr-only"> waiting for you</span>
            </span>
          )}
        </Link>
      ))}
      <button type="button" onClick={open} className={item}>
        <Search aria-hidden className="size-5" />
        Search
      </button>
      <Menu
        side="top"
        trigger={
          <button type="button" className={item}>
            <Ellipsis aria-hidden className="size-5" />
            More
          </button>
        }
      >
        {more.map(({ to, label, icon: Icon }) => (
          <MenuItem
            key={to}
            icon={<Icon aria-hidden className="size-4" />}
            onSelect={() => navigate({ to })}
          >
            {label}
          </MenuItem>
        ))}
        <MenuSeparator />
        {act && (
          <MenuItem
            isDanger
            icon={<OctagonX aria-hidden className="size-4" />}
            onSelect={openEmergency}
          >
            Emergency stop…
          </MenuItem>
        )}
        <PersonEntries />
      </Menu>
    </nav>
  );
}
