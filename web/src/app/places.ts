// Where the navigation leads, in its order. The next page of the product is one line here and one in the router.

import {
  AppWindow,
  BookmarkCheck,
  History,
  KeyRound,
  LayoutGrid,
  type LucideIcon,
  Route,
  ScrollText,
  Settings,
  SquareTerminal,
  Users,
} from "lucide-react";

/** One place. */
export interface NavigationPlace {
  readonly to:
    | "/"
    | "/sessions"
    | "/live"
    | "/runs"
    | "/history"
    | "/presets"
    | "/people"
    | "/keys"
    | "/audit"
    | "/settings";
  readonly label: string;
  readonly icon: LucideIcon;
  /** The second key after `g`, as in "g f". */
  readonly key: string;
  /** `work` is what people look at all day; on phones it is in the bar, the rest behind "More". */
  readonly group: "work" | "administration";
  /** Shown to administrators alone. */
  readonly isForAdministrators?: boolean;
}

export const PLACES: readonly NavigationPlace[] = [
  { to: "/", label: "Fleet", icon: LayoutGrid, key: "f", group: "work" },
  { to: "/sessions", label: "Sessions", icon: SquareTerminal, key: "s", group: "work" },
  { to: "/live", label: "Live", icon: AppWindow, key: "l", group: "work" },
  { to: "/runs", label: "Runs", icon: Route, key: "r", group: "work" },
  { to: "/history", label: "History", icon: History, key: "h", group: "work" },
  { to: "/presets", label: "Presets", icon: BookmarkCheck, key: "p", group: "administration" },
  {
    to: "/people",
    label: "People",
    icon: Users,
    key: "u",
    group: "administration",
    isForAdministrators: true,
  },
  { to: "/keys", label: "Keys", icon: KeyRound, key: "k", group: "administration" },
  { to: "/audit", label: "Audit", icon: ScrollText, key: "a", group: "administration" },
  { to: "/settings", label: "Settings", icon: Settings, key: "c", group: "administration" },
];
