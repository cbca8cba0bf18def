// A dialog with a form: it is busy while what was asked is done, and says what went wrong.

import { type FormEvent, type ReactNode, useId } from "react";
import { Button, type ButtonKind } from "./Button";
import { Dialog } from "./Dialog";
import { sentence } from "./sentence";
import { useAttempt } from "./useAttempt";

/** What was filled in, by the names of the fields; empty of those that are not there. */
export type Filled = (name: string) => string;

/** Reads a form. Text loses blanks around it, passwords do not. */
export function filledIn(form: HTMLFormElement): Filled {
  const fields = new FormData(form);
  return (name) => {
    const value = fields.get(name);
    if (typeof value !== "string") return "";
    const field = form.elements.namedItem(name);
    return field instanceof HTMLInputElement && field.type === "password" ? value : value.trim();
  };
}

/** Asks for something. `onSubmit` may take its time, and may throw what is then shown. */
export function FormDialog({
  isOpen,
  onClose,
  title,
  description,
  action,
  kind = "primary",
  width = "narrow",
  onSubmit,
  children,
}: {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly description?: ReactNode;
  /** What the button says. */
  readonly action: string;
  readonly kind?: ButtonKind;
  readonly width?: "narrow" | "normal" | "wide";
  /** The dialog closes when it is done, unless it answers `false`. */
  readonly onSubmit: (field: Filled) => Promise<unknown>;
  readonly children: ReactNode;
}) {
  const form = useId();
  const { isBusy, problem, attempt, clear } = useAttempt(sentence);
  const close = () => {
    clear();
    onClose();
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const filled = filledIn(event.currentTarget);
    return attempt(async () => {
      if ((await onSubmit(filled)) !== false) close();
    });
  };
  return (
    <Dialog
      isOpen={isOpen}
      onClose={close}
      title={title}
      description={description}
      width={width}
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" form={form} kind={kind} isBusy={isBusy}>
            {action}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="flex flex-col gap-3 pb-2">
        {children}
        {problem !== undefined && (
          <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-bad">
            {problem}
          </p>
        )}
      </form>
    </Dialog>
  );
}
