// One field that leads everywhere: pages, agents, sessions, and what the shown page can do.

import { Autocomplete } from "@base-ui/react/autocomplete";
import { Dialog } from "@base-ui/react/dialog";
import { useNavigate } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { useMemo, useState } from "react";
import { useMay } from "@/api/server";
import { useEmergency } from "@/features/agents/emergency";
import { useFleet } from "@/live/fleet";
import { useSessions } from "@/live/sessions";
import { PLACES } from "../places";
import { useTheme } from "../theme";
import { type PaletteEntry, usePalette } from "./open";
import { ranked } from "./ranked";

/** Entries that are shown at once; more words find the others. */
const MOST = 40;

function useEntries(): readonly PaletteEntry[] {
  const navigate = useNavigate();
  const { act, administer } = useMay();
  const openEmergency = useEmergency((state) => state.open);
  const fleet = useFleet().data;
  const sessions = useSessions().data;
  const added = usePalette((state) => state.added);
  const choose = useTheme((state) => state.choose);
  const shown = useTheme((state) => state.shown);
  return useMemo(() => {
    const places = PLACES.filter((place) => administer || !place.isForAdministrators).map(
      ({ to, label, key }): PaletteEntry => ({
        id: `place ${to}`,
        label,
        hint: `g ${key}`,
        group: "Pages",
        run: () => void navigate({ to }),
      }),
    );
    const agents = [...(fleet?.values() ?? [])].map(
      ({ agent }): PaletteEntry => ({
        id: `agent ${agent.agentId}`,
        label: agent.name,
        hint: agent.status,
        group: "Agents",
        words: `${agent.agentId} ${agent.metadata.host}`,
        run: () => void navigate({ to: "/agents/$agentId", params: { agentId: agent.agentId } }),
      }),
    );
    const rooms = [...(sessions?.values() ?? [])].map(
      (session): PaletteEntry => ({
        id: `session ${session.id}`,
        label: session.title ?? session.locationPath,
        hint: session.agent,
        group: "Sessions",
        words: session.locationPath,
        run: () => void navigate({ to: "/sessions/$sessionId", params: { sessionId: session.id } }),
      }),
    );
    const begin: PaletteEntry = {
      id: "new session",
      label: "New session…",
      group: "Sessions",
      words: "create make folder worktree terminal claude codex",
      run: () => void navigate({ to: "/sessions", search: { new: 1 } }),
    };
    const run: PaletteEntry = {
      id: "new run",
      label: "New run…",
      group: "Runs",
      words: "start make browser task script automate",
      run: () => void navigate({ to: "/runs", search: { new: 1 } }),
    };
    const wall: PaletteEntry = {
      id: "wall",
      label: "Wall",
      group: "Sessions",
      words: "terminals side by side watch grid",
      run: () => void navigate({ to: "/wall" }),
    };
    const look: PaletteEntry = {
      id: "theme",
      label: shown === "dark" ? "Switch to light" : "Switch to dark",
      group: "This page",
      words: "theme appearance",
      run: () => choose(shown === "dark" ? "light" : "dark"),
    };
    const emergency: PaletteEntry = {
      id: "emergency",
      label: "Emergency stop…",
      group: "All agents",
      words: "halt kill end everything panic",
      run: openEmergency,
    };
    const always = act ? [begin, run, emergency, wall, look] : [wall, look];
    return [...[...added.values()].flat(), ...always, ...places, ...agents, ...rooms];
  }, [navigate, act, administer, fleet, sessions, added, choose, shown, openEmergency]);
}

const BACKDROP =
  "fixed inset-0 z-40 bg-black/40 data-[ending-style]:opacity-0 data-[starting-style]:opacity-0";

/** What was run and printed can be searched for the same words, whatever else is called so. */
function useHistorySearch(text: string): readonly PaletteEntry[] | undefined {
  const navigate = useNavigate();
  const q = text.trim();
  return useMemo(() => {
    if (q === "") return undefined;
    const entry = (id: string, label: string, kind?: "output"): PaletteEntry => ({
      id,
      label,
      group: "History",
      run: () =>
        void navigate({ to: "/history", search: kind === undefined ? { q } : { q, kind } }),
    });
    return [
      entry("search output", `Search output for “${q}”`, "output"),
      entry("search commands", `Search commands for “${q}”`),
    ];
  }, [navigate, q]);
}

function Finder() {
  const [text, setText] = useState("");
  const entries = useEntries();
  const search = useHistorySearch(text);
  const found = useMemo(() => {
    const named = ranked(entries, text).slice(0, MOST);
    return search === undefined ? named : [...named, ...search];
  }, [entries, text, search]);
  const close = usePalette((state) => state.close);
  const run = (entry: PaletteEntry) => {
    close();
    entry.run();
  };
  return (
    <Autocomplete.Root
      items={found}
      itemToStringValue={(entry: PaletteEntry) => entry.label}
      value={text}
      onValueChange={(value, { reason }) => {
        // A chosen entry is run; it does not become the text.
        if (reason !== "item-press") setText(value);
      }}
      filter={null}
      autoHighlight="always"
      keepHighlight
      inline
      open
    >
      <div className="flex items-center gap-2 border-b px-3">
        <Search aria-hidden className="size-4 text-faint" />
        <Autocomplete.Input
          aria-label="Go to, or do"
          placeholder="A page, an agent, a session, an action"
          className="h-11 flex-1 bg-transparent text-large outline-none"
        />
      </div>
      <Autocomplete.Empty>
        <p className="p-6 text-center text-muted empty:hidden">Nothing is called that.</p>
      </Autocomplete.Empty>
      <Autocomplete.List className="min-h-0 overflow-auto p-1">
        {(entry: PaletteEntry) => (
          <Autocomplete.Item
            key={entry.id}
            value={entry}
            onClick={() => run(entry)}
            className="flex h-9 cursor-default items-center gap-2 rounded-md px-2 touch:h-11 data-[highlighted]:bg-accent-soft"
          >
            <span className="w-20 shrink-0 text-tiny text-faint">{entry.group}</span>
            <span className="min-w-0 flex-1 truncate">{entry.label}</span>
            {entry.hint !== undefined && (
              <span className="shrink-0 font-mono text-tiny text-faint">{entry.hint}</span>
            )}
          </Autocomplete.Item>
        )}
      </Autocomplete.List>
    </Autocomplete.Root>
  );
}

/** The palette, when it is open. */
export function Palette() {
  const { isOpen, close } = usePalette();
  return (
    <Dialog.Root open={isOpen} onOpenChange={(open) => !open && close()}>
      <Dialog.Portal>
        <Dialog.Backdrop className={BACKDROP} />
        <Dialog.Popup className="fixed top-[10dvh] left-1/2 z-50 flex max-h-[70dvh] w-[min(94vw,36rem)] -translate-x-1/2 flex-col rounded-lg border bg-raised shadow-float outline-none max-sm:top-2">
          <Dialog.Title className="sr-only">Go to, or do</Dialog.Title>
          <Finder />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
