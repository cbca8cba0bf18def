// Many things that happen at once are told as one.

import type { Notice, NoticeKind } from "@/live/notices";

/** More than these of a kind are a crowd. */
const MOST = 3;

const KINDS = ["asking", "failed", "done"] as const;

const CROWDS: Record<NoticeKind, (count: number) => string> = {
  asking: (count) => `${count} things wait for you`,
  failed: (count) => `${count} things failed`,
  done: (count) => `${count} commands are done`,
};

/** The same notices, or one for each crowd, named after its first. */
export function gathered(notices: readonly Notice[]): readonly Notice[] {
  return KINDS.flatMap((kind) => {
    const some = notices.filter((notice) => notice.kind === kind);
    const [first] = some;
    if (first === undefined || some.length <= MOST) return some;
    const text = some
      .slice(0, MOST)
      .map(({ title }) => title)
      .join(", ");
    const to = kind === "asking" ? "/" : "/history";
    return [
      {
        id: `${first.id} and others`,
        kind,
        title: CROWDS[kind](some.length),
        text: `${text}…`,
        to,
        shownAt: [to],
      },
    ];
  });
}
