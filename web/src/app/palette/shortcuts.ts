// Keys that work on every page: the palette, the list of keys, and "g" with a letter for places.

import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { useMay } from "@/api/server";
import { isWriting } from "@/ui/writing";
import { PLACES } from "../places";
import { useKeysDialog } from "./Keys";
import { usePalette } from "./open";

/** After "g", how long the letter may take. */
const PAIR_MS = 1200;

/** Lets them work for as long as the layout is there. */
export function useShortcuts(): void {
  const navigate = useNavigate();
  const { administer } = useMay();
  useEffect(() => {
    let pairUntil = 0;
    const pressed = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "k") {
        // In a terminal, Ctrl+K is the shell's.
        const isTerminals = event.ctrlKey && !event.metaKey && inTerminal(event.target);
        if (isTerminals) return;
        event.preventDefault();
        usePalette.getState().open();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
      if (event.key === "?") {
        event.preventDefault();
        useKeysDialog.setState({ isOpen: true });
      } else if (event.key === "g") {
        pairUntil = event.timeStamp + PAIR_MS;
      } else if (event.timeStamp < pairUntil) {
        pairUntil = 0;
        const place = PLACES.find(({ key }) => key === event.key);
        if (place === undefined || (place.isForAdministrators && !administer)) return;
        event.preventDefault();
        void navigate({ to: place.to });
      }
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [navigate, administer]);
}

const inTerminal = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.closest(".xterm") !== null;
