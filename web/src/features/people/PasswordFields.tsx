// A new password for somebody else: made up here, or written by whoever gives it.

import { Dices } from "lucide-react";
import { Button } from "@/ui/Button";
import { TextField } from "@/ui/Field";
import { madePassword } from "./passwords";

/** What the server asks of passwords. */
export const LEAST_LETTERS = 8;

/** Shown in the clear, since it has to be told to somebody. */
export function PasswordField({
  value,
  onChange,
  label = "Password",
}: {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly label?: string;
}) {
  return (
    <div className="flex flex-col gap-1">
      <div className="flex items-end gap-2">
        <TextField
          label={label}
          className="min-w-0 flex-1"
          value={value}
          required
          minLength={LEAST_LETTERS}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onChange(event.target.value)}
        />
        <Button
          icon={<Dices aria-hidden className="size-4" />}
          onClick={() => onChange(madePassword())}
        >
          Another
        </Button>
      </div>
      <p className="text-small text-faint">
        Made up here; write another if you like, of at least {LEAST_LETTERS} characters.
      </p>
    </div>
  );
}
