// Marks the browser's tab when something waits for a person: a number before its title, and another picture.

import { useEffect } from "react";
import { icon, waitingIcon } from "@/api/place";
import { useAttention } from "@/live/attention";
import { setTitleCount } from "@/ui/title";

const PICTURES = { calm: icon, waiting: waitingIcon } as const;

/** Shows nothing in the page itself. */
export function WaitingMark() {
  const count = useAttention((items) => items.length).data ?? 0;
  useEffect(() => {
    setTitleCount(count);
    const picture = count === 0 ? PICTURES.calm : PICTURES.waiting;
    document.querySelector("link[rel=icon]")?.setAttribute("href", picture);
  }, [count]);
  useEffect(
    () => () => {
      setTitleCount(0);
      document.querySelector("link[rel=icon]")?.setAttribute("href", PICTURES.calm);
    },
    [],
  );
  return null;
}
