// A folder on an agent's machine, with those that are known there.

import { useMemo } from "react";
import { useHome, useRepositories } from "@/api/repositories";
import { useSessions } from "@/live/sessions";
import { SuggestField } from "@/ui/SuggestField";
import { folderSuggestions } from "./draft";

/** The field. */
export function FolderField({
  agentId,
  label,
  value,
  onChange,
  problem,
}: {
  readonly agentId: string;
  readonly label: string;
  readonly value: string;
  readonly onChange: (folder: string) => void;
  readonly problem: string | undefined;
}) {
  const sessions = useSessions().data;
  const repositories = useRepositories().data;
  const home = useHome(agentId === "" ? undefined : agentId).data;
  const suggestions = useMemo(
    () => folderSuggestions(agentId, sessions?.values() ?? [], repositories ?? [], home),
    [agentId, sessions, repositories, home],
  );
  return (
    <SuggestField
      label={label}
      hint={home === undefined || home === "" ? "Begins with / or ~/." : `~/ is ${home}.`}
      value={value}
      onChange={onChange}
      suggestions={suggestions}
      problem={problem}
      isMono
    />
  );
}
