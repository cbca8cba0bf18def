// Buttons, and links that look like them.

import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import { classes } from "./classes";

/** How much a button wants to be pressed. */
export type ButtonKind = "primary" | "plain" | "quiet" | "danger";

const LOOKS: Record<ButtonKind, string> = {
  primary: "bg-accent-strong text-white hover:brightness-110 border-transparent",
  plain:
    "bg-surface text-ink hover:bg-sunken border-line-strong/60 dark:bg-raised dark:hover:brightness-125",
  quiet: "border-transparent text-muted hover:bg-sunken hover:text-ink dark:hover:bg-raised",
  danger: "bg-bad-strong text-white hover:brightness-110 border-transparent",
};

const SHAPE =
  "inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap select-none [&>svg]:shrink-0 disabled:opacity-50 disabled:pointer-events-none transition-[filter,background-color]";

const SIZES = {
  small: "h-7 px-2 text-small touch:h-9",
  normal: "h-8 px-3 text-body touch:h-10",
} as const;

/** Classes for something else that is to look like a button, such as a link. */
export const buttonLook = (kind: ButtonKind = "plain", size: keyof typeof SIZES = "normal") =>
  classes(SHAPE, LOOKS[kind], SIZES[size]);

/** What a button takes. */
export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly kind?: ButtonKind;
  readonly size?: keyof typeof SIZES;
  /** Before the words. */
  readonly icon?: ReactNode;
  /** What it does is under way: it cannot be pressed again, and says so. */
  readonly isBusy?: boolean;
  readonly ref?: Ref<HTMLButtonElement>;
}

/** A button. */
export function Button({
  kind = "plain",
  size = "normal",
  icon,
  isBusy = false,
  className,
  children,
  disabled,
  type = "button",
  ...rest
}: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      disabled={disabled || isBusy}
      aria-busy={isBusy || undefined}
      className={classes(buttonLook(kind, size), className)}
    >
      {icon}
      {children}
    </button>
  );
}

/** A button with a picture alone; `label` says what it does. */
export function IconButton({
  label,
  size = "normal",
  className,
  children,
  ...rest
}: Omit<ButtonProps, "icon"> & { readonly label: string }) {
  const square = size === "small" ? "w-7 px-0! touch:w-9" : "w-8 px-0! touch:w-10";
  return (
    <Button
      kind="quiet"
      {...rest}
      size={size}
      aria-label={label}
      title={label}
      className={classes(square, className)}
    >
      {children}
    </Button>
  );
}
