// Asks in which session a browser is to be opened.

import { useState } from "react";
import { OpenBrowser } from "@/features/browsers/OpenBrowser";
import { sessionName } from "@/features/sessions/standing";
import { useSessions } from "@/live/sessions";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { SelectField } from "@/ui/Field";

/** See the top of the file. `onChosen` is called when the browser is being opened. */
export function ChooseSession({
  onClose,
  onChosen,
}: {
  readonly onClose: () => void;
  readonly onChosen: (session: string) => void;
}) {
  const sessions = useSessions().data;
  const there = [...(sessions?.values() ?? [])].filter(({ status }) => status === "active");
  const [chosen, setChosen] = useState<string>();
  const [isOpening, setOpening] = useState(false);
  const session = there.find(({ id }) => id === chosen) ?? there[0];
  if (session !== undefined && isOpening) {
    return (
      <OpenBrowser
        isOpen
        session={{ id: session.id, name: sessionName(session) }}
        onClose={onClose}
        onOpened={() => onChosen(session.id)}
      />
    );
  }
  return (
    <Dialog
      isOpen
      width="narrow"
      onClose={onClose}
      title="Open a browser"
      description="A browser belongs to a session, and runs on its machine."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" disabled={session === undefined} onClick={() => setOpening(true)}>
            Next
          </Button>
        </>
      }
    >
      {session === undefined ? (
        <p className="pb-2 text-muted">
          There is no session whose machine is there. Make one first.
        </p>
      ) : (
        <SelectField
          label="Session"
          value={session.id}
          onChange={({ target }) => setChosen(target.value)}
          options={there.map((one) => ({
            value: one.id,
            label: `${sessionName(one)}, on ${one.agent}`,
          }))}
        />
      )}
    </Dialog>
  );
}
