// What the fleet shows while it has no agents: how to link the first one.

import { Server } from "lucide-react";
import { serverUrl } from "@/api/place";
import { CopyLine } from "@/ui/CopyLine";
import { Empty } from "@/ui/Emptiness";

/** The commands, with this server's address in them. */
export function NoAgents() {
  const address = serverUrl.replace(/^http/, "ws");
  return (
    <Empty icon={<Server aria-hidden />} title="No agent is linked yet">
      <p className="mb-4">
        An agent runs on each machine that you want to work on. Two commands link one; choose a name
        for it in place of build-1.
      </p>
      <ol className="flex flex-col gap-3 text-left">
        <li>
          <p className="mb-1 text-ink">On this server, make a token for it:</p>
          <CopyLine line="pilothouse token --agent build-1 --expires 30d > build-1.token" />
        </li>
        <li>
          <p className="mb-1 text-ink">Copy that file to the machine, and start the agent there:</p>
          <CopyLine
            line={`pilothouse agent --server ${address} --id build-1 --token-file build-1.token`}
          />
        </li>
      </ol>
    </Empty>
  );
}
