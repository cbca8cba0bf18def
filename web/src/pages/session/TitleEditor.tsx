// A session's title, which is changed where it stands.

import { Pencil } from "lucide-react";
import type { sessionsAndWorkers } from "pilothouse-client";
import { useState } from "react";
import { useChangeSession } from "@/features/sessions/acts";
import { sessionName } from "@/features/sessions/standing";
import { IconButton } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { inputLook } from "@/ui/Field";
import { tellFailure } from "@/ui/Toasts";

/** See the top of the file. */
export function TitleEditor({ session }: { readonly session: sessionsAndWorkers.Session }) {
  const [typed, setTyped] = useState<string>();
  const change = useChangeSession();
  const name = sessionName(session);
  const save = () => {
    const title = typed?.trim();
    setTyped(undefined);
    if (title === undefined || title === (session.title ?? "")) return;
    change.mutate(
      { session: session.id, title },
      { onError: (error) => tellFailure("The title was not changed", error) },
    );
  };
  if (typed !== undefined) {
    return (
      <input
        // biome-ignore lint/a11y/noAutofocus: it takes the place of the button that was just pressed.
        autoFocus
        aria-label="Title"
        value={typed}
        placeholder={name}
        className={classes(inputLook, "w-72 max-sm:w-full")}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={save}
        onKeyDown={(event) => {
          if (event.key === "Enter") save();
          if (event.key === "Escape") setTyped(undefined);
        }}
      />
    );
  }
  // What was asked for is shown at once; the server's answer takes its place, and takes it back if it is a refusal.
  const asked = change.isPending ? change.variables.title : undefined;
  return (
    <>
      <span className="min-w-0 truncate">{asked || name}</span>
      <IconButton
        size="small"
        label="Rename"
        className="max-sm:hidden"
        onClick={() => setTyped(session.title ?? "")}
      >
        <Pencil aria-hidden className="size-3.5" />
      </IconButton>
    </>
  );
}
