// What surrounds every page: navigation, the state of the connection, the palette, and the page itself.

import { Outlet, useRouterState } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { EmergencyStop } from "@/features/agents/EmergencyStop";
import { ConnectionNotice } from "./ConnectionNotice";
import { Navigation, PhoneBar } from "./Navigation";
import { WaitingMark } from "./notifications/WaitingMark";
import { Keys } from "./palette/Keys";
import { Palette } from "./palette/Palette";
import { useShortcuts } from "./palette/shortcuts";

/** The frame. */
export function Layout() {
  useShortcuts();
  const main = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const shown = useRef(path);
  // Screen readers and keyboards go on at the new page, not at the link that led there.
  useEffect(() => {
    if (shown.current !== path) main.current?.focus({ preventScroll: true });
    shown.current = path;
  }, [path]);
  return (
    <div className="flex h-full max-sm:flex-col">
      <a
        href="#content"
        className="fixed top-2 left-2 z-50 -translate-y-16 rounded-md bg-accent-strong px-3 py-2 text-white focus:translate-y-0"
      >
        Skip to the page
      </a>
      <Navigation />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <ConnectionNotice />
        <main
          ref={main}
          id="content"
          tabIndex={-1}
          className="flex min-h-0 flex-1 flex-col outline-none"
        >
          <Outlet />
        </main>
      </div>
      <PhoneBar />
      <Palette />
      <EmergencyStop />
      <Keys />
      <WaitingMark />
    </div>
  );
}
