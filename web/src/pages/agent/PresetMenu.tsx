// Presets beside the command line: fill one in, or keep what is written.

import { useQueryClient } from "@tanstack/react-query";
import { Bookmark, BookmarkPlus } from "lucide-react";
import type { rest } from "pilothouse-client";
import { useState } from "react";
import { useServer } from "@/api/server";
import { checked, type Draft } from "@/features/commands/draft";
import { usePresets } from "@/features/commands/presets";
import { Button, IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { SelectField, TextField } from "@/ui/Field";
import { Menu, MenuItem, MenuSeparator } from "@/ui/Menu";
import { tell } from "@/ui/Toasts";
import { useAttempt } from "@/ui/useAttempt";

function SaveDialog({
  agentId,
  body,
  onClose,
}: {
  readonly agentId: string;
  readonly body: rest.CommandBody & { readonly command: string };
  readonly onClose: () => void;
}) {
  const { rest } = useServer();
  const cache = useQueryClient();
  const [name, setName] = useState("");
  const [isForAll, setForAll] = useState(false);
  const { isBusy, problem, attempt } = useAttempt();
  const save = () =>
    attempt(async () => {
      const { command, directory = null, priority, timeout = null } = body;
      const preset: rest.PresetBody = {
        name: name.trim(),
        command,
        directory,
        timeout,
        agentId: isForAll ? null : agentId,
        ...(priority ? { priority } : {}),
      };
      await rest.call("POST /api/v1/presets", { body: preset });
      void cache.invalidateQueries({ queryKey: ["pages", "GET /api/v1/presets"] });
      tell(`The preset "${preset.name}" is kept`);
      onClose();
    });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width="narrow"
      title="Keep this line as a preset"
      description={<code className="font-mono break-all">{body.command}</code>}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" isBusy={isBusy} disabled={name.trim() === ""} onClick={save}>
            Keep
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 pb-2">
        <TextField
          label="Name"
          autoFocus
          value={name}
          problem={problem}
          onChange={({ target }) => setName(target.value)}
          onKeyDown={({ key }) => {
            if (key === "Enter" && name.trim() !== "") void save();
          }}
        />
        <SelectField
          label="For"
          value={isForAll ? "all" : "one"}
          options={[
            { value: "one", label: agentId },
            { value: "all", label: "Every agent" },
          ]}
          onChange={({ target }) => setForAll(target.value === "all")}
        />
        {body.environment !== undefined && (
          <p className="text-small text-muted">Variables are not kept with it.</p>
        )}
      </div>
    </Dialog>
  );
}

/** The menu. */
export function PresetMenu({
  agentId,
  draft,
  onChoose,
}: {
  readonly agentId: string;
  readonly draft: Draft;
  readonly onChoose: (preset: rest.PresetShape) => void;
}) {
  const presets = usePresets(agentId);
  const [isSaving, setSaving] = useState(false);
  const ready = checked(agentId, draft);
  const trigger = (
    <IconButton label="Presets">
      <Bookmark aria-hidden className="size-4" />
    </IconButton>
  );
  return (
    <>
      <Menu trigger={trigger} side="top">
        {presets.length === 0 && (
          <p className="px-2 py-1.5 text-muted">No presets for this agent yet.</p>
        )}
        {presets.map((preset) => (
          <MenuItem key={preset.id} onSelect={() => onChoose(preset)}>
            <span className="max-w-72 truncate">{preset.name}</span>
            <span className="ml-auto max-w-56 truncate pl-4 font-mono text-tiny text-faint">
              {preset.command}
            </span>
          </MenuItem>
        ))}
        <MenuSeparator />
        <MenuItem
          icon={<BookmarkPlus aria-hidden className="size-4" />}
          isDisabled={"problem" in ready}
          onSelect={() => setSaving(true)}
        >
          Keep this line as a preset…
        </MenuItem>
      </Menu>
      {isSaving && "body" in ready && (
        <SaveDialog agentId={agentId} body={ready.body} onClose={() => setSaving(false)} />
      )}
    </>
  );
}
