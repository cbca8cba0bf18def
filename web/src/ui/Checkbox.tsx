// A box to tick; its label is for screen readers, since what it belongs to stands beside it.

import { classes } from "./classes";

const LOOK =
  "size-4 shrink-0 cursor-pointer appearance-none rounded-sm border border-line-strong bg-surface checked:border-accent-strong checked:bg-accent-strong dark:bg-sunken dark:checked:bg-accent-strong";
/** A tick, drawn by two borders. */
const TICK =
  "relative after:absolute after:top-px after:left-[5px] after:hidden after:h-2.5 after:w-1.5 after:rotate-45 after:border-r-2 after:border-b-2 after:border-white checked:after:block";

/** The box. */
export function Checkbox({
  label,
  isChecked,
  onChange,
}: {
  readonly label: string;
  readonly isChecked: boolean;
  readonly onChange: (isChecked: boolean) => void;
}) {
  return (
    <input
      type="checkbox"
      aria-label={label}
      className={classes(LOOK, TICK)}
      checked={isChecked}
      onChange={({ target }) => onChange(target.checked)}
    />
  );
}
