// Whether something is told, and where. Pure.

import type { NoticePreferences } from "@/features/notices/preferences";
import type { Notice } from "@/live/notices";

/** Where and how something is told; nothing if it is not. */
export function wayOf(
  { kind, shownAt }: Notice,
  preferences: NoticePreferences,
  page: { readonly isHidden: boolean; readonly path: string; readonly isPermitted: boolean },
): "corner" | "outside" | undefined {
  const reach = preferences[kind];
  if (reach === "off") return undefined;
  if (page.isHidden) return reach === "everywhere" && page.isPermitted ? "outside" : undefined;
  return shownAt.includes(page.path) ? undefined : "corner";
}
