// Giving somebody an account, and what to tell them.

import { useQueryClient } from "@tanstack/react-query";
import type { rest } from "pilothouse-client";
import { useState } from "react";
import { keys } from "@/api/keys";
import { useServer } from "@/api/server";
import { PasswordField } from "@/features/people/PasswordFields";
import { madePassword } from "@/features/people/passwords";
import { RoleChoice } from "@/features/people/RoleChoice";
import type { Role } from "@/features/people/roles";
import { TextField } from "@/ui/Field";
import { FormDialog } from "@/ui/FormDialog";
import { Credentials } from "./Credentials";

/** The dialog, open for as long as it is there. */
export function AddPerson({
  isFirst,
  onClose,
}: {
  /** The first account has to be an administrator's, or nobody could make the second. */
  readonly isFirst: boolean;
  readonly onClose: () => void;
}) {
  const { rest } = useServer();
  const cache = useQueryClient();
  const [role, setRole] = useState<Role>(isFirst ? "admin" : "operator");
  const [password, setPassword] = useState(() => madePassword());
  const [made, setMade] = useState<rest.User>();
  if (made !== undefined) {
    return (
      <Credentials
        title={`${made.name} can sign in`}
        username={made.username}
        password={password}
        onClose={onClose}
      />
    );
  }
  return (
    <FormDialog
      isOpen
      onClose={onClose}
      title={isFirst ? "Make the first account" : "Add a person"}
      description={isFirst ? "It administers this server." : undefined}
      action="Make account"
      onSubmit={async (field) => {
        const email = field("email");
        const body = { username: field("username"), password, role };
        const account = email === "" ? body : { ...body, email };
        const user = await rest.call("POST /api/v1/users", { body: account });
        await cache.invalidateQueries({ queryKey: keys.pages("GET /api/v1/users") });
        setMade(user);
        return false;
      }}
    >
      <TextField
        label="Username"
        name="username"
        required
        autoFocus
        minLength={3}
        autoComplete="off"
        spellCheck={false}
        autoCapitalize="off"
        hint="3 to 50 letters, digits, _ and -"
      />
      <TextField label="Email, if you like" name="email" type="email" autoComplete="off" />
      {!isFirst && <RoleChoice value={role} onChange={setRole} />}
      <PasswordField value={password} onChange={setPassword} />
    </FormDialog>
  );
}
