// Choosing a role, with what each of them may.

import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import { useId } from "react";
import { ROLES, type Role, roleMeaning, roleName, roleOf } from "./roles";

/** One of the roles. */
export function RoleChoice({
  value,
  onChange,
}: {
  readonly value: Role;
  readonly onChange: (role: Role) => void;
}) {
  const label = useId();
  return (
    <div className="flex flex-col gap-1">
      <span id={label} className="text-small font-medium text-muted">
        Role
      </span>
      <RadioGroup
        aria-labelledby={label}
        value={value}
        onValueChange={(chosen) => onChange(roleOf(String(chosen)))}
        className="flex flex-col divide-y rounded-md border"
      >
        {ROLES.map((role) => (
          // biome-ignore lint/a11y/noLabelWithoutControl: the radio button is inside.
          <label
            key={role}
            className="flex cursor-pointer items-start gap-2.5 px-3 py-2 hover:bg-sunken has-data-[checked]:bg-accent-soft"
          >
            <Radio.Root
              value={role}
              className="mt-0.5 flex size-4 shrink-0 items-center justify-center rounded-full border border-line-strong bg-surface data-[checked]:border-accent-strong data-[checked]:bg-accent-strong"
            >
              <Radio.Indicator className="size-1.5 rounded-full bg-white" />
            </Radio.Root>
            <span className="flex flex-col">
              <span className="font-medium">{roleName(role)}</span>
              <span className="text-small text-muted">{roleMeaning(role)}</span>
            </span>
          </label>
        ))}
      </RadioGroup>
    </div>
  );
}
