// Of what this device tells, and where.

import { useEffect } from "react";
import { beep } from "@/features/notices/beep";
import { usePermission } from "@/features/notices/permission";
import { type NoticeKind, type Reach, useNoticePreferences } from "@/features/notices/preferences";
import { Status } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Section } from "@/ui/Section";
import { Segments } from "@/ui/Segments";
import { SwitchRow } from "@/ui/Switch";

const KINDS: readonly {
  readonly kind: NoticeKind;
  readonly label: string;
  readonly hint: string;
}[] = [
  { kind: "asking", label: "A worker waits for you", hint: "It asks something in its terminal." },
  {
    kind: "failed",
    label: "Something failed",
    hint: "A command, a command line agent, or an agent that went away.",
  },
  {
    kind: "done",
    label: "Something is done",
    hint: "What you asked for, and what took longer than 10 s.",
  },
];

const REACHES: readonly { readonly value: Reach; readonly label: string }[] = [
  { value: "off", label: "Off" },
  { value: "page", label: "In the page" },
  { value: "everywhere", label: "Everywhere" },
];

/** See the top of the file. */
export function NotificationSettings() {
  const { chosen, choose } = useNoticePreferences();
  return (
    <Section
      title="Notifications"
      description="On this device. What you are looking at is never told; how many things wait for you is always in the tab's title."
    >
      <OutsidePage />
      <div className="divide-y rounded-md border bg-surface px-3">
        {KINDS.map(({ kind, label, hint }) => (
          <div key={kind} className="flex flex-wrap items-center gap-x-4 gap-y-2 py-2">
            <div className="min-w-56 flex-1">
              <p className="font-medium">{label}</p>
              <p className="text-small text-muted">{hint}</p>
            </div>
            <Segments
              label={label}
              value={chosen[kind]}
              options={REACHES}
              onChange={(reach) => choose({ [kind]: reach })}
            />
          </div>
        ))}
        <SwitchRow
          label="Only my own when done"
          hint="Not what others asked for, however long it took."
          isOn={chosen.isOwnAlone}
          onChange={(isOwnAlone) => choose({ isOwnAlone })}
        />
        <SwitchRow
          label="Sound"
          hint="A short, soft tone."
          isOn={chosen.hasSound}
          onChange={(hasSound) => {
            choose({ hasSound });
            if (hasSound) beep();
          }}
        />
      </div>
    </Section>
  );
}

/** Whether the browser lets the page tell something outside of itself, and how to change that. */
function OutsidePage() {
  const { permission, ask, look } = usePermission();
  useEffect(() => {
    look();
    addEventListener("focus", look);
    return () => removeEventListener("focus", look);
  }, [look]);
  switch (permission) {
    case "granted":
      return (
        <p>
          <Status tone="ok">Your browser shows them while this page is hidden.</Status>
        </p>
      );
    case "default":
      return (
        <div className="flex flex-wrap items-center gap-3 rounded-md border bg-surface p-3">
          <p className="min-w-56 flex-1">
            Your browser may show them while this page is hidden. It asks you once.
          </p>
          <Button kind="primary" onClick={ask}>
            Turn on
          </Button>
        </div>
      );
    case "denied":
      return (
        <p>
          <Status tone="warn">
            Your browser was told not to show them. Allow it in its settings for this address.
          </Status>
        </p>
      );
    case "missing":
      return (
        <p>
          <Status tone="neutral">
            This browser shows none outside of the page. Most do over https.
          </Status>
        </p>
      );
  }
}
