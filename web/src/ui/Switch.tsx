// Something that is on or off, with its words before it.

import { Switch as Base } from "@base-ui/react/switch";
import { type ReactNode, useId } from "react";

/** A row: words, and the switch at its end. What is chosen counts at once. */
export function SwitchRow({
  label,
  hint,
  isOn,
  onChange,
  isDisabled = false,
}: {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
  readonly isDisabled?: boolean;
}) {
  const id = useId();
  return (
    <div className="flex items-center gap-4 py-2">
      <div className="min-w-0 flex-1">
        <span id={id} className="font-medium">
          {label}
        </span>
        {hint !== undefined && (
          <p id={`${id}-hint`} className="text-small text-muted">
            {hint}
          </p>
        )}
      </div>
      <Base.Root
        checked={isOn}
        disabled={isDisabled}
        onCheckedChange={(checked) => onChange(checked)}
        aria-labelledby={id}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        className="relative h-5 w-9 shrink-0 cursor-pointer rounded-full border border-line-strong bg-sunken transition-colors data-[checked]:border-accent-strong data-[checked]:bg-accent-strong data-[disabled]:opacity-50 touch:h-7 touch:w-12"
      >
        <Base.Thumb className="absolute top-1/2 left-0.5 size-3.5 -translate-y-1/2 rounded-full bg-muted transition-[left] data-[checked]:left-[calc(100%-1rem)] data-[checked]:bg-white touch:size-5 touch:data-[checked]:left-[calc(100%-1.375rem)]" />
      </Base.Root>
    </div>
  );
}
