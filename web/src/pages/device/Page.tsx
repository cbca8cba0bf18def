// The page "Device": lets a program in that shows a code, such as `pilothouse login` on another machine.

import { useRouterState } from "@tanstack/react-router";
import { Check } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useServer } from "@/api/server";
import { roleName, roleSummary } from "@/features/people/roles";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Emptiness";
import { TextField } from "@/ui/Field";
import { PageHeader } from "@/ui/PageHeader";
import { sentence } from "@/ui/sentence";
import { useAttempt } from "@/ui/useAttempt";
import { codeOf, written } from "./code";

/** See the top of the file. */
export function Page() {
  const inAddress = useRouterState({
    select: ({ location }) => codeOf(location.searchStr, location.hash),
  });
  const [isIn, setIn] = useState(false);
  return (
    <>
      <PageHeader title="Let a program in" documentTitle="Let a program in" />
      {isIn ? (
        <Empty icon={<Check aria-hidden />} title="The program is let in">
          <span role="status">
            It goes on by itself in a few seconds. You can close this page, and end it later under
            Settings, You.
          </span>
        </Empty>
      ) : (
        <Question key={inAddress} code={inAddress} onLetIn={() => setIn(true)} />
      )}
    </>
  );
}

function Question({ code, onLetIn }: { readonly code: string; readonly onLetIn: () => void }) {
  const { rest, user } = useServer();
  const [typed, setTyped] = useState(code);
  const { isBusy, problem, attempt } = useAttempt(sentence);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    return attempt(async () => {
      await rest.call("POST /api/auth/device/confirm", { body: { user_code: typed } });
      onLetIn();
    });
  };
  return (
    <div className="min-h-0 flex-1 overflow-auto p-4">
      <form onSubmit={submit} className="flex max-w-md flex-col gap-4">
        <p className="text-muted">
          A program on a machine of yours asks to act as you. Go on only if you started it yourself
          and it shows this code.
        </p>
        <TextField
          label="Code"
          value={typed}
          required
          autoFocus
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          placeholder="BCDF-GHJK"
          style={{ fontFamily: "var(--font-mono)", letterSpacing: "0.12em" }}
          problem={problem}
          onChange={(event) => setTyped(written(event.target.value))}
        />
        <div className="rounded-md border bg-surface px-3 py-2.5">
          <p className="font-medium">
            It may do what you may: {user.name}, {roleName(user.role).toLowerCase()}
          </p>
          <p className="text-muted">{roleSummary(user.role)}</p>
          <p className="mt-1 text-small text-faint">
            Until it signs out, is signed out under Settings, You, or is not used for 30 days.
          </p>
        </div>
        <Button type="submit" kind="primary" isBusy={isBusy} className="self-start max-sm:w-full">
          Let it in
        </Button>
      </form>
    </div>
  );
}
