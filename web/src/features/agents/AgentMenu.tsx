// What can be done to one agent, as a menu.

import { Ellipsis, Gauge, MessageSquare, OctagonX, Pause, Play, RotateCcw } from "lucide-react";
import { memo, useState } from "react";
import { useMay } from "@/api/server";
import { IconButton } from "@/ui/Button";
import { Menu, MenuItem, MenuSeparator } from "@/ui/Menu";
import { useAgentActs } from "./acts";
import { useAgentDialogs } from "./dialogs";

const ICON = "size-4";

/** The menu; viewers see the budget alone. */
export const AgentMenu = memo(function AgentMenu({
  agentId,
  isHeld,
  isLinked,
  isOpenAtFirst = false,
}: {
  readonly agentId: string;
  readonly isHeld: boolean;
  readonly isLinked: boolean;
  readonly isOpenAtFirst?: boolean;
}) {
  const act = useAgentActs();
  const open = useAgentDialogs((state) => state.open);
  const may = useMay();
  const trigger = (
    <IconButton label={`What to do with ${agentId}`} size="small">
      <Ellipsis aria-hidden className={ICON} />
    </IconButton>
  );
  return (
    <Menu trigger={trigger} isOpenAtFirst={isOpenAtFirst}>
      {may.act && (
        <>
          {isHeld ? (
            <MenuItem
              icon={<Play aria-hidden className={ICON} />}
              onSelect={() => act("resume", [agentId])}
            >
              Resume
            </MenuItem>
          ) : (
            <MenuItem
              icon={<Pause aria-hidden className={ICON} />}
              onSelect={() => act("pause", [agentId])}
            >
              Pause the queue
            </MenuItem>
          )}
          <MenuItem
            icon={<MessageSquare aria-hidden className={ICON} />}
            isDisabled={!isLinked}
            onSelect={() => open({ is: "message", agentId })}
          >
            Message…
          </MenuItem>
        </>
      )}
      <MenuItem
        icon={<Gauge aria-hidden className={ICON} />}
        onSelect={() => open({ is: "budget", agentId })}
      >
        Budget…
      </MenuItem>
      {may.act && (
        <>
          <MenuSeparator />
          <MenuItem
            icon={<RotateCcw aria-hidden className={ICON} />}
            isDisabled={!isLinked}
            onSelect={() => open({ is: "restart", agentIds: [agentId] })}
          >
            Restart…
          </MenuItem>
          <MenuItem
            isDanger
            icon={<OctagonX aria-hidden className={ICON} />}
            onSelect={() => open({ is: "stop", agentIds: [agentId] })}
          >
            Stop…
          </MenuItem>
        </>
      )}
    </Menu>
  );
});

/** The same for long lists, in which menus that nobody opens would cost more than all else: made when it is pressed. */
export function LazyAgentMenu(props: {
  readonly agentId: string;
  readonly isHeld: boolean;
  readonly isLinked: boolean;
}) {
  const [isMade, setMade] = useState(false);
  if (isMade) return <AgentMenu {...props} isOpenAtFirst />;
  return (
    <IconButton
      label={`What to do with ${props.agentId}`}
      size="small"
      aria-haspopup="menu"
      onClick={() => setMade(true)}
    >
      <Ellipsis aria-hidden className={ICON} />
    </IconButton>
  );
}
