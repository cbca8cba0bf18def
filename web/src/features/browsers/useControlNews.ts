// What happens to control, and what was copied, told to whoever looks.

import { useEffect } from "react";
import { copyText } from "@/ui/clipboard";
import { tell, tellFailure } from "@/ui/Toasts";
import type { ControlNews } from "./facts";
import type { Watching } from "./watching";

/** In words. */
function wordsOf(news: ControlNews): string {
  switch (news.kind) {
    case "granted":
      return "You steer now";
    case "declined":
      return "Your request was not granted";
    case "asked":
      return `${news.by} asks for control`;
    case "lost":
      return news.to === undefined ? "You do not steer any more" : `${news.to} steers now`;
  }
}

/** Tells it for as long as the view is there. */
export function useControlNews(watching: Watching | undefined): void {
  useEffect(() => {
    if (watching === undefined) return;
    watching.events = {
      news: (news) => tell(wordsOf(news)),
      copied: async (text) => {
        if (await copyText(text)) tell("What was selected was copied");
        // Without permission it takes somebody's press.
        else tell("Something was copied", { action: copyAction(text) });
      },
      refused: (words, code) => {
        // Inputs that were on their way when control ended; whose it is now is told anyway.
        if (code !== "NOT_IN_CONTROL") tellFailure("That was refused", new Error(words));
      },
    };
    return () => {
      watching.events = {};
    };
  }, [watching]);
}

const copyAction = (text: string) => ({ label: "Copy", onClick: () => void copyText(text) });
