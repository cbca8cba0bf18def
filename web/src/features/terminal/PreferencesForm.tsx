// How terminals look and behave on this device, to be chosen: in the settings and beside each terminal.

import { useId } from "react";
import { SelectField, TextField } from "@/ui/Field";
import { LIMITS, usePreferences } from "./preferences";
import { SCHEMES } from "./themes";

/** See the top of the file. What is chosen counts at once. */
export function PreferencesForm() {
  const { chosen, choose } = usePreferences();
  const number = (key: keyof typeof LIMITS, label: string, step: number) => (
    <TextField
      label={label}
      type="number"
      min={LIMITS[key].least}
      max={LIMITS[key].most}
      step={step}
      defaultValue={chosen[key]}
      onChange={({ target }) => {
        // What is being typed may make no sense yet.
        if (target.validity.valid && target.value !== "") choose({ [key]: target.valueAsNumber });
      }}
    />
  );
  return (
    <div className="flex flex-col gap-4">
      <div className="grid gap-3 sm:grid-cols-2">
        <SelectField
          label="Colours"
          value={chosen.scheme}
          options={SCHEMES.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={({ target }) => choose({ scheme: target.value })}
        />
        <TextField
          label="Font"
          placeholder="JetBrains Mono"
          hint="One that is installed on this device, or empty."
          defaultValue={chosen.fontFamily}
          spellCheck={false}
          onBlur={({ target }) => choose({ fontFamily: target.value.trim() })}
        />
        {number("fontSize", "Size of letters, in pixels", 1)}
        {number("lineHeight", "Height of lines", 0.05)}
        <SelectField
          label="Cursor"
          value={chosen.cursorStyle}
          options={[
            { value: "block", label: "Block" },
            { value: "bar", label: "Bar" },
            { value: "underline", label: "Underline" },
          ]}
          onChange={({ target }) => {
            const cursorStyle = CURSORS.find((style) => style === target.value);
            if (cursorStyle !== undefined) choose({ cursorStyle });
          }}
        />
        {number("scrollback", "Lines kept above the screen", 100)}
      </div>
      <div className="flex flex-col gap-2">
        <Choice
          label="The cursor blinks"
          isOn={chosen.cursorBlinks}
          onChange={(cursorBlinks) => choose({ cursorBlinks })}
        />
        <Choice
          label="Selecting copies"
          isOn={chosen.copiesOnSelect}
          onChange={(copiesOnSelect) => choose({ copiesOnSelect })}
        />
        <Choice
          label="Programs may put text into the clipboard"
          hint="Any program, also on machines that you only look at."
          isOn={chosen.programsMayCopy}
          onChange={(programsMayCopy) => choose({ programsMayCopy })}
        />
        <Choice
          label="The bell flashes"
          isOn={chosen.bell === "flash"}
          onChange={(isOn) => choose({ bell: isOn ? "flash" : "none" })}
        />
        <Choice
          label="Raise the contrast of colours that are hard to read"
          isOn={chosen.raisesContrast}
          onChange={(raisesContrast) => choose({ raisesContrast })}
        />
        <Choice
          label="Read output aloud"
          hint="For screen readers. Makes floods slower."
          isOn={chosen.isForScreenReaders}
          onChange={(isForScreenReaders) => choose({ isForScreenReaders })}
        />
      </div>
    </div>
  );
}

const CURSORS = ["block", "bar", "underline"] as const;

function Choice({
  label,
  hint,
  isOn,
  onChange,
}: {
  readonly label: string;
  readonly hint?: string;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}) {
  const id = useId();
  return (
    <div className="flex items-start gap-2">
      <input
        id={id}
        type="checkbox"
        className="mt-0.5 size-4 accent-accent-strong touch:size-5"
        checked={isOn}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChange(event.target.checked)}
      />
      <div>
        <label htmlFor={id}>{label}</label>
        {hint !== undefined && (
          <p id={`${id}-hint`} className="text-small text-faint">
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}
