// One browser, large: its picture, who steers, where it is, its tabs.

import type { Browser } from "pilothouse-client";
import { type ReactNode, useRef } from "react";
import { AddressBar } from "./AddressBar";
import { BrowserTabs } from "./BrowserTabs";
import { ControlBar } from "./ControlBar";
import { PhoneKeys } from "./PhoneKeys";
import { PictureNotice } from "./PictureNotice";
import { Screen } from "./Screen";
import { standingOf } from "./standing";
import { useControlNews } from "./useControlNews";
import { useFacts, useShownWhileSeen } from "./useWatching";
import type { Watching } from "./watching";

/** See the top of the file. `name` is what people call its session. */
export function LiveView({
  watching,
  sessionId,
  name,
  browser,
  action,
}: {
  readonly watching: Watching;
  readonly sessionId: string;
  readonly name: string;
  readonly browser: Browser | undefined;
  /** What can be done when there is no picture. */
  readonly action?: ReactNode;
}) {
  const place = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const bar = useRef<HTMLDivElement>(null);
  const control = useFacts(watching, (facts) => facts.control);
  const status = useFacts(watching, (facts) => facts.status);
  const told = useFacts(watching, (facts) => facts.tabs);
  const standing = standingOf(control);
  const isMine = standing.kind === "mine";
  useShownWhileSeen(watching, place);
  useControlNews(watching);
  const tabs =
    told.length > 0
      ? told
      : (browser?.tabs ?? []).map((tab) => ({ ...tab, active: tab.active === true }));
  const title = status?.title ?? browser?.title ?? "";
  return (
    <div ref={place} className="flex min-h-0 flex-1 flex-col">
      <div ref={bar}>
        <ControlBar watching={watching} standing={standing} />
      </div>
      <BrowserTabs {...{ sessionId, tabs, isMine }} />
      <AddressBar {...{ sessionId, isMine }} url={status?.url ?? browser?.url ?? ""} />
      <Screen
        {...{ watching, standing, field }}
        label={title === "" ? `The browser of ${name}` : `${title}, in the browser of ${name}`}
        onLeave={() => bar.current?.querySelector("button")?.focus()}
      >
        <PictureNotice {...{ watching, browser, action }} />
      </Screen>
      {isMine && <PhoneKeys {...{ watching, field }} />}
    </div>
  );
}
