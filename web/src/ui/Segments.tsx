// A choice among a few words that stand side by side.

import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import type { ReactNode } from "react";

/** `label` names what is chosen, for screen readers. What is chosen counts at once. */
export function Segments<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: ReactNode }[];
  readonly onChange: (value: T) => void;
}) {
  return (
    <RadioGroup
      aria-label={label}
      value={value}
      onValueChange={(chosen) => {
        const option = options.find((one) => one.value === chosen);
        if (option !== undefined) onChange(option.value);
      }}
      className="inline-flex rounded-md border border-line-strong bg-surface p-0.5 dark:bg-sunken"
    >
      {options.map((option) => (
        <Radio.Root
          key={option.value}
          value={option.value}
          className="flex h-6.5 cursor-pointer items-center gap-1.5 rounded-sm px-2.5 text-muted select-none hover:text-ink data-[checked]:bg-accent-soft data-[checked]:font-medium data-[checked]:text-accent-ink touch:h-9"
        >
          {option.label}
        </Radio.Root>
      ))}
    </RadioGroup>
  );
}
