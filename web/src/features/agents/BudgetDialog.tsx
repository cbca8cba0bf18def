// What an agent may do in an hour: seen by everybody, set by administrators.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { rest } from "pilothouse-client";
import { useState } from "react";
import { keys } from "@/api/keys";
import { useMay, useServer } from "@/api/server";
import { exactSpan } from "@/ui/ages";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Failure, Skeleton } from "@/ui/Emptiness";
import { SelectField, TextField } from "@/ui/Field";
import { tell } from "@/ui/Toasts";
import { useAttempt } from "@/ui/useAttempt";

/** A whole number that was written, or nothing; `NaN` if it is neither. */
const amount = (text: string): number | undefined =>
  text.trim() === "" ? undefined : /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;

/** An agent's budget, and what counts for it. */
function useBudget(agentId: string) {
  const { rest } = useServer();
  return useQuery({
    queryKey: keys.budget(agentId),
    queryFn: ({ signal }) =>
      rest.call("GET /api/v1/agents/{agent}/budget", { path: { agent: agentId }, signal }),
  });
}

/** What counts, as a sentence. */
const lastHourWords = ({ commands, seconds }: rest.BudgetReply): string =>
  `${commands} ${commands === 1 ? "command" : "commands"} in the last hour, ${exactSpan(seconds * 1000)} of running`;

function Fields({
  agentId,
  reply,
  onClose,
}: {
  readonly agentId: string;
  readonly reply: rest.BudgetReply;
  readonly onClose: () => void;
}) {
  const { rest } = useServer();
  const cache = useQueryClient();
  const { administer } = useMay();
  const { budget } = reply;
  const [commands, setCommands] = useState(budget?.commandsPerHour?.toString() ?? "");
  const [minutes, setMinutes] = useState(
    typeof budget?.secondsPerHour === "number"
      ? String(Math.round(budget.secondsPerHour / 60))
      : "",
  );
  const [refuses, setRefuses] = useState(budget?.excess === "refuse");
  const { isBusy, problem, attempt } = useAttempt();
  const commandsPerHour = amount(commands);
  const minutesPerHour = amount(minutes);
  const isWrong = Number.isNaN(commandsPerHour) || Number.isNaN(minutesPerHour);
  const save = async (isSet: boolean) => {
    const path = { agent: agentId };
    const body: rest.BudgetBody = {
      ...(commandsPerHour === undefined ? {} : { commandsPerHour }),
      ...(minutesPerHour === undefined ? {} : { secondsPerHour: minutesPerHour * 60 }),
      excess: refuses ? "refuse" : "hold",
    };
    await attempt(async () => {
      if (isSet) await rest.call("PUT /api/v1/agents/{agent}/budget", { path, body });
      else await rest.call("DELETE /api/v1/agents/{agent}/budget", { path });
      void cache.invalidateQueries({ queryKey: keys.budget(agentId) });
      void cache.invalidateQueries({ queryKey: keys.agent(agentId) });
      tell(
        isSet ? `The budget of ${agentId} counts from now on` : `${agentId} has no limit any more`,
      );
      onClose();
    });
  };
  return (
    <fieldset disabled={!administer} className="flex flex-col gap-3">
      <legend className="sr-only">Budget</legend>
      <p className="tabular text-muted">{lastHourWords(reply)}.</p>
      <TextField
        label="Commands per hour"
        inputMode="numeric"
        placeholder="No limit"
        value={commands}
        problem={
          Number.isNaN(commandsPerHour) ? "A whole number, or nothing for no limit." : undefined
        }
        onChange={({ target }) => setCommands(target.value)}
      />
      <TextField
        label="Minutes of running per hour"
        inputMode="numeric"
        placeholder="No limit"
        value={minutes}
        problem={
          Number.isNaN(minutesPerHour) ? "A whole number, or nothing for no limit." : undefined
        }
        onChange={({ target }) => setMinutes(target.value)}
      />
      <SelectField
        label="Further commands"
        value={refuses ? "refuse" : "hold"}
        onChange={({ target }) => setRefuses(target.value === "refuse")}
        options={[
          { value: "hold", label: "Wait until there is room" },
          { value: "refuse", label: "Are refused" },
        ]}
      />
      {problem !== undefined && (
        <p role="alert" className="text-bad">
          {problem}
        </p>
      )}
      {administer ? (
        <div className="flex justify-end gap-2 pb-2">
          {budget && (
            <Button isBusy={isBusy} onClick={() => save(false)}>
              End the limit
            </Button>
          )}
          <Button
            kind="primary"
            isBusy={isBusy}
            disabled={isWrong || (commandsPerHour === undefined && minutesPerHour === undefined)}
            onClick={() => save(true)}
          >
            Set budget
          </Button>
        </div>
      ) : (
        <p className="pb-2 text-small text-muted">Administrators set budgets.</p>
      )}
    </fieldset>
  );
}

/** The dialog. */
export function BudgetDialog({
  agentId,
  onClose,
}: {
  readonly agentId: string;
  readonly onClose: () => void;
}) {
  const { data, error, refetch } = useBudget(agentId);
  return (
    <Dialog isOpen onClose={onClose} width="narrow" title={`Budget of ${agentId}`}>
      {data !== undefined && <Fields agentId={agentId} reply={data} onClose={onClose} />}
      {data === undefined && error === null && <Skeleton rows={4} />}
      {data === undefined && error !== null && <Failure error={error} onRetry={refetch} />}
    </Dialog>
  );
}
