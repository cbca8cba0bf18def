// Labelled fields: text, several lines, a choice.

import { Field as Base } from "@base-ui/react/field";
import type { ComponentProps, ReactNode } from "react";
import { classes } from "./classes";

const BOX =
  "w-full rounded-md border border-line-strong bg-surface px-2.5 text-ink dark:bg-sunken disabled:opacity-60 aria-invalid:border-bad";

/** The look of a field of one line. */
export const inputLook = classes(BOX, "h-8 touch:h-10");

/** What all fields have. */
export interface Around {
  readonly label: string;
  /** Whether the label is for screen readers alone. */
  readonly hidesLabel?: boolean;
  readonly hint?: ReactNode;
  readonly problem?: string | undefined;
  readonly className?: string | undefined;
}

/** A label above something to fill in, and below it what helps or what is wrong. */
export function Frame({
  label,
  hidesLabel = false,
  hint,
  problem,
  className,
  children,
}: Around & { readonly children: ReactNode }) {
  return (
    <Base.Root
      invalid={problem !== undefined}
      className={classes("flex flex-col gap-1", className)}
    >
      <Base.Label className={hidesLabel ? "sr-only" : "text-small font-medium text-muted"}>
        {label}
      </Base.Label>
      {children}
      {hint !== undefined && (
        <Base.Description className="text-small text-faint">{hint}</Base.Description>
      )}
      {problem !== undefined && (
        <p role="alert" className="text-small text-bad">
          {problem}
        </p>
      )}
    </Base.Root>
  );
}

/** A field of one line. */
export function TextField({
  label,
  hidesLabel,
  hint,
  problem,
  className,
  ...input
}: Around & Omit<ComponentProps<"input">, "className">) {
  return (
    <Frame {...{ label, hint, problem, className }} hidesLabel={hidesLabel ?? false}>
      <Base.Control render={<input {...input} className={inputLook} />} />
    </Frame>
  );
}

/** A field of several lines. */
export function TextArea({
  label,
  hidesLabel,
  hint,
  problem,
  className,
  ...area
}: Around & Omit<ComponentProps<"textarea">, "className">) {
  return (
    <Frame {...{ label, hint, problem, className }} hidesLabel={hidesLabel ?? false}>
      <Base.Control render={<textarea {...area} className={classes(BOX, "min-h-20 py-1.5")} />} />
    </Frame>
  );
}

/** A choice among few, with the machine's own list. */
export function SelectField({
  label,
  hidesLabel,
  hint,
  problem,
  className,
  options,
  ...select
}: Around &
  Omit<ComponentProps<"select">, "className"> & {
    readonly options: readonly { readonly value: string; readonly label: string }[];
  }) {
  return (
    <Frame {...{ label, hint, problem, className }} hidesLabel={hidesLabel ?? false}>
      <Base.Control
        render={
          <select {...select} className={inputLook}>
            {options.map(({ value, label: words }) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        }
      />
    </Frame>
  );
}
