// The top of a session: what it is called, where it is, how its agent is, and what can be done with all of it.

import { Link, useNavigate } from "@tanstack/react-router";
import {
  AppWindow,
  ChevronLeft,
  Copy,
  Ellipsis,
  GitBranch,
  Link2,
  Pencil,
  Trash2,
} from "lucide-react";
import type { sessionsAndWorkers } from "pilothouse-client";
import { useState } from "react";
import { serverUrl } from "@/api/place";
import { useMay } from "@/api/server";
import { EndSession } from "@/features/sessions/EndSession";
import { RenameSession } from "@/features/sessions/RenameSession";
import { sessionName } from "@/features/sessions/standing";
import type { WorkspaceStore } from "@/features/workspace/store";
import { written } from "@/features/workspace/writing";
import { useLiveAgent } from "@/live/fleet";
import { Age } from "@/ui/Age";
import { Badge, Status } from "@/ui/Badge";
import { buttonLook, IconButton } from "@/ui/Button";
import { Menu, MenuItem, MenuSeparator } from "@/ui/Menu";
import { PageHeader } from "@/ui/PageHeader";
import { tell } from "@/ui/Toasts";
import { ArrangeMenu } from "./ArrangeMenu";
import { copy } from "./copy";
import { TitleEditor } from "./TitleEditor";

type Session = sessionsAndWorkers.Session;

const ICON = "size-4 text-muted";

/** See the top of the file. */
export function SessionHeader({
  session,
  store,
}: {
  readonly session: Session;
  readonly store: WorkspaceStore;
}) {
  const may = useMay();
  return (
    <div className="in-data-[keyboard=open]:hidden">
      <PageHeader
        documentTitle={sessionName(session)}
        title={
          <span className="flex min-w-0 items-center gap-1">
            <Link
              to="/sessions"
              aria-label="All sessions"
              title="All sessions"
              className="-ml-2 rounded-md p-1 text-muted hover:bg-sunken hover:text-ink"
            >
              <ChevronLeft aria-hidden className="size-5" />
            </Link>
            {may.act ? <TitleEditor session={session} /> : sessionName(session)}
          </span>
        }
        lead={<Facts session={session} />}
        actions={
          <>
            <Link
              to="/live/$sessionId"
              params={{ sessionId: session.id }}
              aria-label="Browser of this session"
              title="Browser of this session"
              className={buttonLook("quiet")}
            >
              <AppWindow aria-hidden className="size-4" />
            </Link>
            <ArrangeMenu store={store} />
            <SessionMenu session={session} store={store} />
          </>
        }
      />
    </div>
  );
}

function Facts({ session }: { readonly session: Session }) {
  const agent = useLiveAgent(session.agent)?.agent;
  const isAway = session.status === "inactive";
  return (
    <div className="flex min-w-0 items-center gap-3 text-small max-md:hidden">
      {session.type === "worktree" && (
        <Badge>
          <GitBranch aria-label="Branch" className="size-3" />
          <span className="max-w-56 truncate font-mono">{session.worktreeId}</span>
        </Badge>
      )}
      <button
        type="button"
        title={`Copy ${session.locationPath}`}
        className="group flex min-w-0 items-center gap-1.5 rounded-sm font-mono text-muted hover:text-ink"
        onClick={() => void copy(session.locationPath, "The folder")}
      >
        <span className="sr-only">Copy the folder </span>
        <span className="max-w-xs truncate">{session.locationPath}</span>
        <Copy aria-hidden className="size-3 shrink-0 text-faint group-hover:text-ink" />
      </button>
      <Status tone={isAway ? "warn" : "ok"}>
        <Link
          to="/agents/$agentId"
          params={{ agentId: session.agent }}
          className="text-muted underline-offset-2 hover:text-ink hover:underline"
        >
          {agent?.name ?? session.agent}
        </Link>
        {isAway && (
          <span className="font-medium text-warn">
            away
            {agent !== undefined && (
              <>
                {" for "}
                <Age since={agent.lastActivity} />
              </>
            )}
          </span>
        )}
      </Status>
    </div>
  );
}

function SessionMenu({
  session,
  store,
}: {
  readonly session: Session;
  readonly store: WorkspaceStore;
}) {
  const may = useMay();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<"rename" | "end">();
  const link = () =>
    `${serverUrl}/sessions/${session.id}?layout=${encodeURIComponent(written(store.getState().tiling))}`;
  const close = () => setAsked(undefined);
  return (
    <>
      <Menu
        trigger={
          <IconButton label={`Actions for ${sessionName(session)}`}>
            <Ellipsis aria-hidden className="size-4" />
          </IconButton>
        }
      >
        <MenuItem
          icon={<Link2 aria-hidden className={ICON} />}
          onSelect={() => void copy(link(), "The link")}
        >
          Copy link to this arrangement
        </MenuItem>
        <MenuItem
          icon={<Copy aria-hidden className={ICON} />}
          onSelect={() => void copy(session.locationPath, "The folder")}
        >
          Copy folder
        </MenuItem>
        {may.act && (
          <>
            <MenuItem
              icon={<Pencil aria-hidden className={ICON} />}
              onSelect={() => setAsked("rename")}
            >
              Rename…
            </MenuItem>
            <MenuSeparator />
            <MenuItem
              icon={<Trash2 aria-hidden className="size-4" />}
              onSelect={() => setAsked("end")}
              isDanger
            >
              End session…
            </MenuItem>
          </>
        )}
      </Menu>
      <RenameSession session={asked === "rename" ? session : undefined} onClose={close} />
      <EndSession
        session={asked === "end" ? session : undefined}
        onClose={close}
        onEnded={() => {
          tell(`${sessionName(session)} was ended`);
          void navigate({ to: "/sessions" });
        }}
      />
    </>
  );
}
