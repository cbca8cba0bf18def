// What is shown to somebody who is not inside yet.

import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import { useStore } from "zustand";
import { icon } from "@/api/place";
import { Button } from "@/ui/Button";
import { TextField } from "@/ui/Field";
import { type Filled, filledIn } from "@/ui/FormDialog";
import { setTitle } from "@/ui/title";
import { useAttempt } from "@/ui/useAttempt";
import { entrance } from "./entrance";
import { refusalWords } from "./refusals";
import type { Kept } from "./vault";

function Card({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  useEffect(() => {
    setTitle(title);
  }, [title]);
  return (
    <main className="flex h-full items-start justify-center overflow-auto px-4 py-[12dvh]">
      <div className="w-full max-w-sm rounded-lg border bg-surface p-6">
        <div className="mb-5 flex items-center gap-2.5">
          <img src={icon} alt="" className="size-7" />
          <span className="text-large font-semibold">Pilothouse</span>
        </div>
        <h1 className="mb-4 text-title font-semibold">{title}</h1>
        {children}
      </div>
    </main>
  );
}

/** A form that tells what went wrong, and is busy while it is under way. */
function Form({
  onSubmit,
  action,
  children,
  notice,
}: {
  readonly onSubmit: (field: Filled) => Promise<void>;
  readonly action: string;
  readonly children: ReactNode;
  readonly notice?: string | undefined;
}) {
  const { isBusy, problem, attempt } = useAttempt(
    (error) => refusalWords(error, new Date()),
    notice,
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const filled = filledIn(event.currentTarget);
    return attempt(() => onSubmit(filled));
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      {children}
      {problem !== undefined && (
        <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-bad">
          {problem}
        </p>
      )}
      <Button type="submit" kind="primary" isBusy={isBusy} className="mt-1">
        {action}
      </Button>
    </form>
  );
}

function SignIn({ words }: { readonly words: string | undefined }) {
  const [usesToken, setUsesToken] = useState(false);
  return (
    <Card title="Sign in">
      {usesToken ? (
        <Form key="token" action="Sign in" onSubmit={(field) => entrance.showToken(field("token"))}>
          <TextField
            label="Token"
            name="token"
            required
            autoComplete="off"
            spellCheck={false}
            hint="From pilothouse token --user NAME, on the server's machine"
          />
        </Form>
      ) : (
        <Form
          key={words}
          action="Sign in"
          notice={words}
          onSubmit={(field) => entrance.signIn(field("username"), field("password"))}
        >
          <TextField
            label="Username or email"
            name="username"
            required
            autoFocus
            autoComplete="username"
          />
          <TextField
            label="Password"
            name="password"
            type="password"
            required
            autoComplete="current-password"
          />
        </Form>
      )}
      <Button kind="quiet" className="mt-3 w-full" onClick={() => setUsesToken(!usesToken)}>
        {usesToken ? "Sign in with a password" : "Sign in with a token"}
      </Button>
      <p className="mt-4 border-t pt-3 text-small text-faint">
        No account yet? <code className="font-mono">pilothouse up</code> prints a link that lets you
        in.
      </p>
    </Card>
  );
}

function FirstAccount({ kept }: { readonly kept: Kept }) {
  const make = (field: Filled) => {
    const email = field("email");
    const account = { username: field("username"), password: field("password") };
    return entrance.makeFirst(email === "" ? account : { ...account, email }, kept);
  };
  return (
    <Card title="Make the first account">
      <p className="mb-4 text-muted">
        Nobody has an account here yet. Yours will administer this server.
      </p>
      <Form action="Make account" onSubmit={make}>
        <TextField
          label="Username"
          name="username"
          required
          autoFocus
          autoComplete="username"
          minLength={3}
        />
        <TextField label="Email, if you like" name="email" type="email" autoComplete="email" />
        <TextField
          label="Password"
          name="password"
          type="password"
          required
          minLength={8}
          autoComplete="new-password"
          hint="At least 8 characters"
        />
      </Form>
      <Button kind="quiet" className="mt-3 w-full" onClick={() => entrance.skipFirst(kept)}>
        Go on without an account
      </Button>
    </Card>
  );
}

/** Whatever fits who is there; nothing while it is being looked, which takes a moment. */
export function Entrance() {
  const place = useStore(entrance.place);
  switch (place.at) {
    case "asking":
      return <SignIn words={place.words} />;
    case "first":
      return <FirstAccount kept={place.kept} />;
    case "unreachable":
      return (
        <Card title="The server cannot be reached">
          <p className="mb-4 text-muted">{place.words}</p>
          <Button kind="primary" onClick={place.again}>
            Try again
          </Button>
        </Card>
      );
    case "looking":
    case "inside":
      return null;
  }
}
