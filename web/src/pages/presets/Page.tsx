// The page "Presets": command lines that are kept under a name, to be run with one press.

import { BookmarkPlus } from "lucide-react";
import type { rest } from "pilothouse-client";
import { useMemo, useState } from "react";
import { usePresets } from "@/api/lists";
import { useMay } from "@/api/server";
import { usePaletteEntries } from "@/app/palette/open";
import { useAddressWord } from "@/ui/address";
import { Button } from "@/ui/Button";
import { Empty, Failure, Skeleton } from "@/ui/Emptiness";
import { PageHeader } from "@/ui/PageHeader";
import { SearchField } from "@/ui/SearchField";
import { PresetForm } from "./PresetForm";
import { Presets } from "./Presets";
import { RemovePreset } from "./RemovePreset";
import { RunPreset, useRunPreset } from "./RunPreset";

/** What is being done: with a preset, or making one. */
export type Doing =
  | { readonly what: "add" }
  | { readonly what: "change" | "remove" | "run"; readonly preset: rest.PresetShape }
  | undefined;

const NONE: readonly rest.PresetShape[] = [];

/** See the top of the file. */
export function Page() {
  const { act } = useMay();
  const presets = usePresets();
  const [text, search] = useAddressWord("q");
  const [doing, setDoing] = useState<Doing>();
  const run = useRunPreset();
  const list = presets.data ?? NONE;
  const begin = (next: Doing) => {
    // One that says where it runs needs no question.
    if (next?.what === "run" && next.preset.agentId) void run(next.preset, next.preset.agentId);
    else setDoing(next);
  };
  const entries = useMemo(
    () =>
      act
        ? [
            {
              id: "add preset",
              label: "Add a preset",
              group: "This page",
              run: () => setDoing({ what: "add" }),
            },
          ]
        : [],
    [act],
  );
  usePaletteEntries(entries);
  const add = () => setDoing({ what: "add" });
  return (
    <>
      <PageHeader
        title="Presets"
        documentTitle="Presets"
        lead={list.length > 0 && <span className="tabular text-muted">{list.length}</span>}
        actions={
          list.length > 0 && (
            <>
              <SearchField
                label="Search presets"
                value={text}
                onChange={search}
                className="max-sm:w-40"
              />
              {act && (
                <Button
                  kind="primary"
                  icon={<BookmarkPlus aria-hidden className="size-4" />}
                  onClick={add}
                >
                  Add preset
                </Button>
              )}
            </>
          )
        }
      />
      {presets.isPending && <Skeleton />}
      {presets.data === undefined && presets.error !== null && (
        <Failure error={presets.error} onRetry={() => presets.refetch()} />
      )}
      {presets.data?.length === 0 && <NoPresets onAdd={act ? add : undefined} />}
      {list.length > 0 && <Presets presets={list} text={text} mayAct={act} onDo={begin} />}
      <Dialogs doing={doing} onClose={() => setDoing(undefined)} />
    </>
  );
}

function Dialogs({ doing, onClose }: { readonly doing: Doing; readonly onClose: () => void }) {
  if (doing === undefined) return null;
  switch (doing.what) {
    case "add":
      return <PresetForm onClose={onClose} />;
    case "change":
      return <PresetForm preset={doing.preset} onClose={onClose} />;
    case "remove":
      return <RemovePreset preset={doing.preset} onClose={onClose} />;
    case "run":
      return <RunPreset preset={doing.preset} onClose={onClose} />;
  }
}

const NoPresets = ({ onAdd }: { readonly onAdd: (() => void) | undefined }) => (
  <Empty
    icon={<BookmarkPlus aria-hidden />}
    title="No presets yet"
    action={
      onAdd !== undefined && (
        <Button kind="primary" onClick={onAdd}>
          Add the first preset
        </Button>
      )
    }
  >
    A preset is a command line with a name: a test run, a deployment, a look at the disk.
  </Empty>
);
