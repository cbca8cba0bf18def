// A player for as long as its view is shown.

import { type RefObject, useEffect, useRef, useState } from "react";
import { load } from "./loading";
import { FIRST, Player, type Playing } from "./player";
import { type Look, RecordedScreen } from "./screen";

const CLOCK = {
  now: () => performance.now(),
  frame: (call: () => void) => {
    const frame = requestAnimationFrame(call);
    return () => cancelAnimationFrame(frame);
  },
};

/** What a view knows of its player. */
export interface PlayerState {
  readonly player: Player | undefined;
  readonly playing: Playing;
  /** Why it could not be loaded, or not to its end. */
  readonly problem: unknown;
}

/** Loads and shows a recording in `place`. `fetch` has to be the same function for the same recording. */
export function usePlayer(
  place: RefObject<HTMLElement | null>,
  fetch: (signal: AbortSignal) => Promise<Response>,
  look: Look,
  begin: { readonly atSeconds: number | undefined; readonly plays: boolean },
): PlayerState {
  const [player, setPlayer] = useState<Player>();
  const [playing, setPlaying] = useState(FIRST);
  const [problem, setProblem] = useState<unknown>();
  // Where it begins matters once; going on from there does not begin anew.
  const first = useRef(begin);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const leaving = new AbortController();
    const screen = new RecordedScreen(element, look);
    const made = new Player(screen, CLOCK, setPlaying);
    setPlayer(made);
    setProblem(undefined);
    const { atSeconds, plays } = first.current;
    if (atSeconds !== undefined) made.seekRecorded(atSeconds * 1000);
    else if (plays) made.play();
    const begun = async () => load(await fetch(leaving.signal), made, leaving.signal);
    begun().catch((error: unknown) => {
      if (!leaving.signal.aborted) setProblem(error);
    });
    return () => {
      leaving.abort();
      made.dispose();
      screen.dispose();
    };
  }, [place, fetch, look]);
  return { player, playing, problem };
}
