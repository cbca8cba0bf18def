// Oneself: name, role, password, and where one is signed in.

import { LogOut } from "lucide-react";
import { useState } from "react";
import { useServer } from "@/api/server";
import { Devices } from "@/features/people/Devices";
import { LEAST_LETTERS } from "@/features/people/PasswordFields";
import { roleName, roleSummary } from "@/features/people/roles";
import { Button } from "@/ui/Button";
import { TextField } from "@/ui/Field";
import { FormDialog } from "@/ui/FormDialog";
import { Section } from "@/ui/Section";
import { tell } from "@/ui/Toasts";

/** See the top of the file. */
export function YouSettings() {
  const { user, signOut } = useServer();
  const [isChanging, setChanging] = useState(false);
  // Tokens of the command line, and links, are of people without an account.
  const hasAccount = user.createdAt != null;
  return (
    <>
      <Section
        title={user.name}
        description={`${roleName(user.role)}. ${roleSummary(user.role)}`}
        actions={
          <Button icon={<LogOut aria-hidden className="size-4" />} onClick={signOut}>
            Sign out
          </Button>
        }
      >
        {hasAccount ? <Facts /> : <WithoutAccount />}
      </Section>
      {hasAccount && (
        <>
          <Section
            title="Password"
            description="Changing it signs you out on all other devices."
            actions={<Button onClick={() => setChanging(true)}>Change password</Button>}
          >
            {null}
          </Section>
          <Section title="Devices" description="Where you are signed in.">
            <Devices user="me" whose="your" />
          </Section>
        </>
      )}
      {isChanging && <ChangePassword onClose={() => setChanging(false)} />}
    </>
  );
}

function Facts() {
  const { user } = useServer();
  const facts = [
    ["Username", user.username],
    ["Email", user.email ?? "none"],
    ["Account since", user.createdAt ? new Date(user.createdAt).toLocaleDateString() : ""],
  ] as const;
  return (
    <dl className="grid grid-cols-[8rem_1fr] gap-y-1">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="truncate">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const WithoutAccount = () => (
  <p className="text-muted">
    You are here by a link or a token, without an account. There is no password and nothing to sign
    out elsewhere; it ends when the token does.
  </p>
);

function ChangePassword({ onClose }: { readonly onClose: () => void }) {
  const { user, changePassword } = useServer();
  return (
    <FormDialog
      isOpen
      onClose={onClose}
      title="Change password"
      description="All other devices are signed out. This browser stays signed in."
      action="Change password"
      onSubmit={async (field) => {
        if (field("next") !== field("again")) throw new Error("the new passwords differ");
        await changePassword(field("current"), field("next"));
        tell("The password was changed");
      }}
    >
      {/* Password managers learn from it whose password this is. */}
      <input type="text" autoComplete="username" value={user.username} readOnly hidden />
      <TextField
        label="Current password"
        name="current"
        type="password"
        required
        autoFocus
        autoComplete="current-password"
      />
      <TextField
        label="New password"
        name="next"
        type="password"
        required
        minLength={LEAST_LETTERS}
        autoComplete="new-password"
        hint={`At least ${LEAST_LETTERS} characters`}
      />
      <TextField
        label="New password, again"
        name="again"
        type="password"
        required
        autoComplete="new-password"
      />
    </FormDialog>
  );
}
