// The list of people, and what can be done with each of them.

import { Ellipsis, KeyRound, MonitorSmartphone, ShieldCheck, UserMinus } from "lucide-react";
import type { rest } from "pilothouse-client";
import { useState } from "react";
import { useServer } from "@/api/server";
import { roleName } from "@/features/people/roles";
import { Age } from "@/ui/Age";
import { Badge } from "@/ui/Badge";
import { IconButton } from "@/ui/Button";
import { ColumnNames } from "@/ui/ColumnNames";
import { classes } from "@/ui/classes";
import { Empty } from "@/ui/Emptiness";
import { Menu, MenuItem, MenuSeparator } from "@/ui/Menu";
import { Rows } from "@/ui/Rows";
import { ChangeRole, PersonDevices, RemovePerson, ReplacePassword } from "./changes";

/** What is being done with somebody. */
interface Doing {
  readonly what: "role" | "password" | "devices" | "remove";
  readonly person: rest.User;
}

const GRID =
  "sm:grid sm:grid-cols-[minmax(9rem,1.4fr)_minmax(8rem,1.4fr)_8rem_9rem_9rem_2rem] items-center gap-x-4 px-4";

const fits = (person: rest.User, text: string) => {
  const words = `${person.name} ${person.username} ${person.email ?? ""} ${roleName(person.role)}`;
  return words.toLowerCase().includes(text.trim().toLowerCase());
};

/** Everybody whom the text fits, by name. */
export function People({
  people,
  text,
}: {
  readonly people: readonly rest.User[];
  readonly text: string;
}) {
  const [doing, setDoing] = useState<Doing>();
  const found = people
    .filter((person) => fits(person, text))
    .toSorted((a, b) => a.name.localeCompare(b.name));
  if (found.length === 0) return <Empty title={`Nobody is called “${text}”`} />;
  return (
    <>
      <ColumnNames grid={GRID} names={["Name", "Email", "Role", "Last sign-in", "Account since"]} />
      <Rows
        label="People"
        items={found}
        keyOf={({ id }) => id}
        rowHeight={41}
        className="bg-surface"
      >
        {(person) => <Person person={person} onDo={(what) => setDoing({ what, person })} />}
      </Rows>
      <Doings doing={doing} onClose={() => setDoing(undefined)} />
    </>
  );
}

function Doings({
  doing,
  onClose,
}: {
  readonly doing: Doing | undefined;
  readonly onClose: () => void;
}) {
  if (doing === undefined) return null;
  const { what, person } = doing;
  switch (what) {
    case "role":
      return <ChangeRole person={person} onClose={onClose} />;
    case "password":
      return <ReplacePassword person={person} onClose={onClose} />;
    case "devices":
      return <PersonDevices person={person} onClose={onClose} />;
    case "remove":
      return <RemovePerson person={person} onClose={onClose} />;
  }
}

function Person({
  person,
  onDo,
}: {
  readonly person: rest.User;
  readonly onDo: (what: Doing["what"]) => void;
}) {
  const isSelf = useServer().user.id === person.id;
  return (
    <div className={classes(GRID, "flex min-h-10 border-b max-sm:flex-wrap max-sm:py-2")}>
      <span className="flex min-w-0 items-center gap-2 max-sm:flex-1">
        <span className="truncate font-medium">{person.name}</span>
        {person.name !== person.username && (
          <span className="truncate font-mono text-small text-faint">{person.username}</span>
        )}
        {isSelf && <span className="text-small text-faint">you</span>}
      </span>
      <span className="truncate text-muted max-sm:order-4 max-sm:w-full max-sm:empty:hidden">
        {person.email}
      </span>
      <span>
        <span className="sr-only">Role: </span>
        <Badge tone={person.role === "admin" ? "accent" : "neutral"}>{roleName(person.role)}</Badge>
      </span>
      <span className="text-muted max-sm:order-5 max-sm:w-full max-sm:text-small">
        <span className="sm:sr-only">Last sign-in: </span>
        {person.lastLogin ? <Age since={person.lastLogin} suffix=" ago" /> : "never"}
      </span>
      <span className="text-muted max-sm:hidden">
        {person.createdAt && new Date(person.createdAt).toLocaleDateString()}
      </span>
      <PersonMenu person={person} onDo={onDo} />
    </div>
  );
}

function PersonMenu({
  person,
  onDo,
}: {
  readonly person: rest.User;
  readonly onDo: (what: Doing["what"]) => void;
}) {
  const isSelf = useServer().user.id === person.id;
  const picture = "size-4 text-muted";
  return (
    <Menu
      trigger={
        <IconButton label={`Do something with ${person.name}`} size="small">
          <Ellipsis aria-hidden className="size-4" />
        </IconButton>
      }
    >
      <MenuItem
        icon={<ShieldCheck aria-hidden className={picture} />}
        onSelect={() => onDo("role")}
      >
        Change role
      </MenuItem>
      {!isSelf && (
        <MenuItem
          icon={<KeyRound aria-hidden className={picture} />}
          onSelect={() => onDo("password")}
        >
          Replace password
        </MenuItem>
      )}
      <MenuItem
        icon={<MonitorSmartphone aria-hidden className={picture} />}
        onSelect={() => onDo("devices")}
      >
        Devices
      </MenuItem>
      <MenuSeparator />
      <MenuItem
        isDanger
        icon={<UserMinus aria-hidden className="size-4" />}
        onSelect={() => onDo("remove")}
      >
        Remove
      </MenuItem>
    </Menu>
  );
}
