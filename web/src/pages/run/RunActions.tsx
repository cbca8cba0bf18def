// What can be done about a run: pause and resume, cancel, replay, export.

import { useNavigate } from "@tanstack/react-router";
import { Download, FileText, Pause, Play, RotateCcw, Square } from "lucide-react";
import type { Run, RunStep, RunWish } from "pilothouse-client";
import { useMemo, useState } from "react";
import { isOver, useRunActs, useRuns } from "@/api/runs";
import { useMay, useServer } from "@/api/server";
import { type PaletteEntry, usePaletteEntries } from "@/app/palette/open";
import { mayManage, runName } from "@/features/runs/standing";
import { useSessions } from "@/live/sessions";
import { Button } from "@/ui/Button";
import { CopyLink } from "@/ui/CopyLink";
import { Confirmation } from "@/ui/Dialog";
import { Menu, MenuItem } from "@/ui/Menu";
import { tell, tellFailure } from "@/ui/Toasts";
import { exportReport, exportScript, hasCommands } from "./exports";

const ICON = "size-4";

/** Makes the run that does the same again, as it was made, and goes there. */
function useReplay(run: Run) {
  const runs = useRuns();
  const navigate = useNavigate();
  const session = useSessions((all) => all.get(run.sessionId ?? "")).data;
  return async () => {
    const wish: RunWish = {
      replay: run.id,
      agentId: run.agentId,
      // A session that is gone has no browser any more; a replay then has one of its own.
      ...(session === undefined ? {} : { sessionId: session.id }),
      ...(run.approval === true
        ? { approval: true, allowedHosts: [...(run.allowedHosts ?? [])] }
        : {}),
    };
    const made = await runs.create(wish);
    await navigate({ to: "/runs/$runId", params: { runId: made.id } });
    tell("The replay is a run of its own");
  };
}

/** See the top of the file. */
export function RunActions({
  run,
  steps,
}: {
  readonly run: Run;
  readonly steps: readonly RunStep[];
}) {
  const { user } = useServer();
  const may = useMay();
  const acts = useRunActs(run.id);
  const runs = useRuns();
  const replay = useReplay(run);
  const [busy, setBusy] = useState<string>();
  const [isCancelling, setCancelling] = useState(false);
  const over = isOver(run);
  const manages = mayManage(run, user, may);
  const isPaused = run.paused === true;
  const tried = async (name: string, problem: string, act: () => Promise<unknown>) => {
    setBusy(name);
    try {
      await act();
    } catch (error) {
      tellFailure(problem, error);
    } finally {
      setBusy(undefined);
    }
  };
  const pause = () =>
    tried("pause", isPaused ? "The run stays paused" : "The run goes on", () =>
      isPaused ? acts.resume() : acts.pause(),
    );
  const canPause = manages && !over;
  const canReplay = may.act && over && hasCommands(run);
  useRunEntries({
    ...(canPause && { [isPaused ? "Resume this run" : "Pause this run"]: pause }),
    ...(manages && !over && { "Cancel this run…": () => setCancelling(true) }),
    ...(canReplay && {
      "Replay this run": () => tried("replay", "It could not be replayed", replay),
    }),
  });
  return (
    <>
      {canPause && (
        <Button
          isBusy={busy === "pause"}
          icon={
            isPaused ? (
              <Play aria-hidden className={ICON} />
            ) : (
              <Pause aria-hidden className={ICON} />
            )
          }
          onClick={() => void pause()}
        >
          {isPaused ? "Resume" : "Pause"}
        </Button>
      )}
      {manages && !over && (
        <Button icon={<Square aria-hidden className={ICON} />} onClick={() => setCancelling(true)}>
          Cancel the run
        </Button>
      )}
      {canReplay && (
        <Button
          kind="primary"
          isBusy={busy === "replay"}
          icon={<RotateCcw aria-hidden className={ICON} />}
          onClick={() => void tried("replay", "It could not be replayed", replay)}
        >
          Replay
        </Button>
      )}
      <Menu
        trigger={
          <Button
            kind="quiet"
            isBusy={busy === "export"}
            icon={<Download aria-hidden className={ICON} />}
          >
            Export
          </Button>
        }
      >
        <MenuItem
          icon={<FileText aria-hidden className={ICON} />}
          onSelect={() =>
            void tried("export", "The report could not be written", () =>
              exportReport(runs, run, steps),
            )
          }
        >
          Report with pictures (HTML)
        </MenuItem>
        <MenuItem
          icon={<Download aria-hidden className={ICON} />}
          isDisabled={!hasCommands(run)}
          onSelect={() =>
            void tried("export", "The script could not be exported", () => exportScript(run))
          }
        >
          Script (JSON)
        </MenuItem>
      </Menu>
      <span className="max-sm:hidden">
        <CopyLink />
      </span>
      <Confirmation
        isOpen={isCancelling}
        onClose={() => setCancelling(false)}
        title="Cancel this run?"
        action="Cancel the run"
        onConfirm={() => acts.cancel()}
      >
        “{runName(run)}” ends after the step that it is at. What it did stays done, and its steps
        are kept.
      </Confirmation>
    </>
  );
}

/** Puts what can be done into the palette, under the words that buttons have. */
function useRunEntries(acts: Readonly<Record<string, () => unknown>>): void {
  const labels = Object.keys(acts).join("\n");
  const [held] = useState(() => ({ now: acts }));
  held.now = acts;
  const entries = useMemo(
    (): readonly PaletteEntry[] =>
      labels === ""
        ? []
        : labels.split("\n").map((label) => ({
            id: `run ${label}`,
            label,
            group: "This page",
            run: () => void held.now[label]?.(),
          })),
    [labels, held],
  );
  usePaletteEntries(entries);
}
