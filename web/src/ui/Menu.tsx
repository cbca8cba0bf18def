// Menus that open from a button.

import { Menu as Base } from "@base-ui/react/menu";
import type { ReactElement, ReactNode } from "react";
import { classes } from "./classes";

const ITEM =
  "flex h-8 touch:h-10 cursor-default items-center gap-2 rounded-sm px-2 select-none outline-none data-[highlighted]:bg-accent-soft data-[disabled]:opacity-50";

/** A menu below its trigger, which has to be a button. */
export function Menu({
  trigger,
  children,
  side = "bottom",
  align = "end",
  isOpenAtFirst = false,
}: {
  readonly trigger: ReactElement;
  readonly children: ReactNode;
  readonly side?: "top" | "bottom";
  readonly align?: "start" | "end";
  /** For menus that are only made when they are asked for. */
  readonly isOpenAtFirst?: boolean;
}) {
  return (
    <Base.Root defaultOpen={isOpenAtFirst}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner side={side} align={align} sideOffset={4} className="z-50 outline-none">
          <Base.Popup className="min-w-44 rounded-md border border-line bg-raised p-1 shadow-float outline-none">
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

/** One thing that a menu does. */
export function MenuItem({
  icon,
  children,
  onSelect,
  isDanger = false,
  isDisabled = false,
}: {
  readonly icon?: ReactNode;
  readonly children: ReactNode;
  readonly onSelect: () => void;
  readonly isDanger?: boolean;
  readonly isDisabled?: boolean;
}) {
  return (
    <Base.Item
      className={classes(ITEM, isDanger && "text-bad")}
      onClick={onSelect}
      disabled={isDisabled}
    >
      {icon}
      {children}
    </Base.Item>
  );
}

/** One of several that exclude each other, inside `MenuChoices`. */
export function MenuChoice({
  value,
  children,
}: {
  readonly value: string;
  readonly children: ReactNode;
}) {
  return (
    <Base.RadioItem value={value} className={classes(ITEM, "justify-between")}>
      {children}
      <Base.RadioItemIndicator aria-hidden>✓</Base.RadioItemIndicator>
    </Base.RadioItem>
  );
}

/** Choices that exclude each other. */
export function MenuChoices({
  label,
  value,
  onChange,
  children,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly children: ReactNode;
}) {
  return (
    <Base.RadioGroup value={value} onValueChange={onChange}>
      <Base.Group>
        <Base.GroupLabel className="px-2 py-1 text-tiny text-faint">{label}</Base.GroupLabel>
        {children}
      </Base.Group>
    </Base.RadioGroup>
  );
}

/** A line between groups. */
export const MenuSeparator = () => <Base.Separator className="my-1 border-t" />;
