// Tells a notice: in the corner of the page, or outside of it while nobody looks.

import { basePath, icon } from "@/api/place";
import { beep } from "@/features/notices/beep";
import { usePermission } from "@/features/notices/permission";
import { useNoticePreferences } from "@/features/notices/preferences";
import type { Notice } from "@/live/notices";
import { tell } from "@/ui/Toasts";
import { router } from "../router";

import { type Closeness, isOurs } from "./claims";
import { wayOf } from "./way";

const closeness = (): Closeness => {
  if (document.visibilityState === "hidden") return "hidden";
  return document.hasFocus() ? "focused" : "visible";
};

function goTo(to: string): void {
  window.focus();
  router.history.push(`${basePath}${to}`);
}

function tellOutside({ id, title, text, to }: Notice): void {
  try {
    const shown = new Notification(title, { body: text, tag: id, icon });
    shown.onclick = () => {
      shown.close();
      goTo(to);
    };
  } catch {
    // Browsers of phones know such a thing and refuse to make it for pages; the tab's title says it.
  }
}

/** Offers once to tell such things outside of the page too. */
function offer(): void {
  const { chosen, choose } = useNoticePreferences.getState();
  const { permission, ask } = usePermission.getState();
  if (chosen.wasOffered || permission !== "default") return;
  choose({ wasOffered: true });
  tell("Be told while you look elsewhere?", {
    description:
      "Your browser can say it when a worker waits for you, also while this page is hidden.",
    action: { label: "Turn on", onClick: () => void ask() },
  });
}

/** Tells it, unless another tab does. */
export async function tellNotice(notice: Notice): Promise<void> {
  const wayNow = () =>
    wayOf(notice, useNoticePreferences.getState().chosen, {
      isHidden: document.visibilityState === "hidden",
      path: decodeURIComponent(router.history.location.pathname),
      isPermitted: usePermission.getState().permission === "granted",
    });
  const near = closeness();
  // A hidden tab that cannot tell leaves it to those that can; one that shows it anyway keeps them quiet.
  if (near === "hidden" && wayNow() === undefined) return;
  if (!(await isOurs(notice.id, near))) return;
  const way = wayNow();
  if (way === undefined) return;
  if (way === "outside") {
    tellOutside(notice);
  } else {
    const { title, text, to } = notice;
    tell(title, { description: text, action: { label: "Show", onClick: () => goTo(to) } });
    if (notice.kind === "asking") offer();
  }
  if (useNoticePreferences.getState().chosen.hasSound) beep();
}
