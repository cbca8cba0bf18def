// What administrators change about people, each in a dialog that says what it does.

import { useQueryClient } from "@tanstack/react-query";
import type { rest } from "pilothouse-client";
import { useState } from "react";
import { keys } from "@/api/keys";
import { useServer } from "@/api/server";
import { Devices } from "@/features/people/Devices";
import { PasswordField } from "@/features/people/PasswordFields";
import { madePassword } from "@/features/people/passwords";
import { RoleChoice } from "@/features/people/RoleChoice";
import { isAbove, roleName, roleOf } from "@/features/people/roles";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { TextField } from "@/ui/Field";
import { FormDialog } from "@/ui/FormDialog";
import { tell } from "@/ui/Toasts";
import { Credentials } from "./Credentials";

interface Change {
  readonly person: rest.User;
  readonly onClose: () => void;
}

const useSelf = (person: rest.User) => useServer().user.id === person.id;

function useRefresh() {
  const cache = useQueryClient();
  return () => cache.invalidateQueries({ queryKey: keys.pages("GET /api/v1/users") });
}

/** Lets somebody do more, or less. */
export function ChangeRole({ person, onClose }: Change) {
  const { rest } = useServer();
  const refresh = useRefresh();
  const isSelf = useSelf(person);
  const before = roleOf(person.role);
  const [role, setRole] = useState(before);
  if (isSelf) return <OwnRole onClose={onClose} />;
  return (
    <FormDialog
      isOpen
      onClose={onClose}
      title={`What may ${person.name} do?`}
      action={role === before ? "Keep role" : `Make ${roleName(role).toLowerCase()}`}
      onSubmit={async () => {
        if (role === before) return;
        const path = { user: person.id };
        await rest.call("PUT /api/v1/users/{user}/role", { path, body: { role } });
        await refresh();
        tell(`${person.name} is ${roleName(role).toLowerCase()} now`);
      }}
    >
      <RoleChoice value={role} onChange={setRole} />
      {role !== before && (
        <p className="text-muted">
          {isAbove(role, before)
            ? "Pages and programs that are signed in go on as before, until they sign in again or renew their token."
            : "It counts at once, on open pages and terminals too: the next key or command is refused."}
        </p>
      )}
    </FormDialog>
  );
}

function OwnRole({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width="narrow"
      title="That is you"
      footer={<Button onClick={onClose}>Close</Button>}
    >
      <p className="pb-2 text-muted">
        Nobody takes their own rights away, so that somebody is always left who can give them.
        Another administrator can change your role.
      </p>
    </Dialog>
  );
}

/** Gives somebody another password. */
export function ReplacePassword({ person, onClose }: Change) {
  const { rest } = useServer();
  const [password, setPassword] = useState(() => madePassword());
  const [isDone, setDone] = useState(false);
  if (isDone) {
    const title = `${person.name} has another password`;
    return <Credentials {...{ title, password, onClose }} username={person.username} />;
  }
  return (
    <FormDialog
      isOpen
      onClose={onClose}
      title={`Replace the password of ${person.name}`}
      description="They are signed out everywhere at once, and sign in with the new one."
      action="Replace password"
      kind="danger"
      onSubmit={async () => {
        const path = { user: person.id };
        const body = { newPassword: password };
        await rest.call("PUT /api/v1/users/{user}/password", { path, body });
        setDone(true);
        return false;
      }}
    >
      <PasswordField label="New password" value={password} onChange={setPassword} />
    </FormDialog>
  );
}

/** Where somebody is signed in. */
export function PersonDevices({ person, onClose }: Change) {
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`Where ${person.name} is signed in`}
      footer={<Button onClick={onClose}>Close</Button>}
    >
      <div className="flex flex-col pb-2">
        <Devices user={person.username} whose={`${person.name}'s`} />
      </div>
    </Dialog>
  );
}

/** Takes somebody's account away, once their name was typed. */
export function RemovePerson({ person, onClose }: Change) {
  const { rest } = useServer();
  const refresh = useRefresh();
  const isSelf = useSelf(person);
  const [typed, setTyped] = useState("");
  return (
    <FormDialog
      isOpen
      onClose={onClose}
      title={`Remove ${person.name}?`}
      description={
        isSelf
          ? "This is your own account. Another administrator has to remove it."
          : "Their account goes, with every sign-in and token; open pages and programs lose their connection at once. What they started goes on. It cannot be undone."
      }
      action={`Remove ${person.name}`}
      kind="danger"
      onSubmit={async () => {
        if (typed !== person.username) throw new Error(`type ${person.username} to go on`);
        await rest.call("DELETE /api/v1/users/{user}", { path: { user: person.id } });
        await refresh();
        tell(`${person.name} was removed`);
      }}
    >
      <TextField
        label={`Type ${person.username} to go on`}
        value={typed}
        autoFocus
        autoComplete="off"
        spellCheck={false}
        autoCapitalize="off"
        onChange={(event) => setTyped(event.target.value)}
      />
    </FormDialog>
  );
}
