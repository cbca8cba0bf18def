// Where command lines are written and run: Enter runs, Shift+Enter goes on in the next line, arrows recall older ones.

import { ChevronDown, ChevronUp, SlidersHorizontal } from "lucide-react";
import { type KeyboardEvent, type RefObject, useState } from "react";
import {
  checked,
  type Draft,
  EMPTY_DRAFT,
  filledOptions,
  fromPreset,
} from "@/features/commands/draft";
import { leavesText, NO_RECALL, recalled } from "@/features/commands/lines";
import { Button, IconButton } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { ComposerOptions } from "./ComposerOptions";
import { PresetMenu } from "./PresetMenu";
import type { useRun } from "./run";

/** Lines in sight before the field scrolls. */
const MOST_LINES = 8;
/** How many lines are remembered until the server's list has them. */
const MOST_JUST_RUN = 20;

/** The field with its buttons. `refusal` says why nothing can be run now. */
export function Composer({
  agentId,
  field,
  lines,
  firstLine,
  refusal,
  running,
}: {
  readonly agentId: string;
  readonly field: RefObject<HTMLTextAreaElement | null>;
  /** What was run before, the newest first. */
  readonly lines: readonly string[];
  /** What the field begins with: somebody followed a link to run it. */
  readonly firstLine: string;
  readonly refusal: string | undefined;
  readonly running: ReturnType<typeof useRun>;
}) {
  const [draft, setDraft] = useState<Draft>({ ...EMPTY_DRAFT, line: firstLine });
  const [recall, setRecall] = useState(NO_RECALL);
  // What was run a moment ago is not in the server's list yet.
  const [justRun, setJustRun] = useState<readonly string[]>([]);
  const [isOpen, setOpen] = useState(false);
  const [problem, setProblem] = useState<string>();
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const write = (line: string) => {
    change({ line });
    setProblem(undefined);
  };
  const run = async () => {
    const ready = checked(agentId, draft);
    if ("problem" in ready) return setProblem(ready.problem);
    const refused = await running.run(ready.body);
    setProblem(refused);
    if (refused !== undefined) return;
    setRecall(NO_RECALL);
    setJustRun((before) => [ready.body.command, ...before].slice(0, MOST_JUST_RUN));
    // Directory, limits and variables stay: the next line is often meant for the same place.
    change({ line: "" });
    field.current?.focus();
  };
  const pressed = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const { key, shiftKey, currentTarget, nativeEvent } = event;
    if (key === "Enter" && !shiftKey && !nativeEvent.isComposing) {
      event.preventDefault();
      if (refusal === undefined && !running.isBusy) void run();
    } else if (key === "ArrowUp" || key === "ArrowDown") {
      const direction = key === "ArrowUp" ? "older" : "newer";
      if (!leavesText(draft.line, currentTarget.selectionStart, direction)) return;
      const found = recalled([...new Set([...justRun, ...lines])], recall, draft.line, direction);
      if (found === undefined) return;
      event.preventDefault();
      setRecall(found.recall);
      write(found.text);
    } else if (key === "Escape") currentTarget.blur();
  };
  const rows = Math.min(MOST_LINES, draft.line.split("\n").length);
  const options = filledOptions(draft);
  return (
    <section
      aria-label="Run a command"
      className="shrink-0 border-t bg-surface px-4 py-2.5 max-sm:px-3"
    >
      {isOpen && <ComposerOptions draft={draft} onChange={change} />}
      <div className="flex items-end gap-2">
        <div className="flex min-w-0 flex-1 rounded-md border border-line-strong bg-surface focus-within:outline-2 focus-within:outline-accent dark:bg-sunken">
          <span aria-hidden className="py-1.5 pl-2.5 font-mono text-faint select-none">
            $
          </span>
          <textarea
            ref={field}
            rows={rows}
            aria-label="Command line"
            aria-describedby="composer-problem"
            placeholder={refusal === undefined ? "Command line" : "Nothing can be run now"}
            spellCheck={false}
            autoCapitalize="off"
            autoCorrect="off"
            className="min-w-0 flex-1 resize-none bg-transparent px-2 py-1.5 font-mono leading-5 outline-none"
            value={draft.line}
            onChange={({ target }) => write(target.value)}
            onKeyDown={pressed}
          />
        </div>
        <IconButton
          label={
            options === 0
              ? "Directory, priority, limits"
              : `Directory, priority, limits: ${options} set`
          }
          aria-expanded={isOpen}
          className={options > 0 ? "text-accent-ink" : undefined}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? (
            <ChevronDown aria-hidden className="size-4" />
          ) : options > 0 ? (
            <SlidersHorizontal aria-hidden className="size-4" />
          ) : (
            <ChevronUp aria-hidden className="size-4" />
          )}
        </IconButton>
        <PresetMenu
          agentId={agentId}
          draft={draft}
          onChoose={(preset) => setDraft(fromPreset(preset))}
        />
        <Button
          kind="primary"
          isBusy={running.isBusy}
          disabled={refusal !== undefined}
          onClick={run}
        >
          Run
        </Button>
      </div>
      <p
        id="composer-problem"
        role={problem === undefined ? "note" : "alert"}
        className={classes(
          "text-small not-empty:mt-1.5",
          problem === undefined ? "text-muted" : "text-bad",
        )}
      >
        {problem ?? refusal}
      </p>
    </section>
  );
}
