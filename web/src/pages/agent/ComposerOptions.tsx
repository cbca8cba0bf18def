// What can be said about a command beside its line.

import type { Draft } from "@/features/commands/draft";
import { SelectField, TextArea, TextField } from "@/ui/Field";

const PRIORITIES = [
  { value: "high", label: "High: before the others" },
  { value: "normal", label: "Normal" },
  { value: "low", label: "Low: after the others" },
] as const;

/** The fields. */
export function ComposerOptions({
  draft,
  onChange,
}: {
  readonly draft: Draft;
  readonly onChange: (part: Partial<Draft>) => void;
}) {
  return (
    <div className="mb-2.5 grid grid-cols-[2fr_1fr_1fr] gap-2.5 max-sm:grid-cols-2">
      <TextField
        label="Directory"
        className="max-sm:col-span-2"
        placeholder="The agent's own"
        value={draft.directory}
        onChange={({ target }) => onChange({ directory: target.value })}
      />
      <SelectField
        label="Priority"
        value={draft.priority}
        options={PRIORITIES}
        onChange={({ target }) => {
          const chosen = PRIORITIES.find(({ value }) => value === target.value);
          if (chosen !== undefined) onChange({ priority: chosen.value });
        }}
      />
      <TextField
        label="Time limit, seconds"
        inputMode="decimal"
        placeholder="As usual"
        value={draft.timeout}
        onChange={({ target }) => onChange({ timeout: target.value })}
      />
      <TextArea
        label="Variables, one in each line"
        className="col-span-full"
        placeholder="NAME=value"
        rows={2}
        spellCheck={false}
        value={draft.environment}
        onChange={({ target }) => onChange({ environment: target.value })}
      />
    </div>
  );
}
