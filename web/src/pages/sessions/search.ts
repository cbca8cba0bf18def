// What the address says of the list: which sessions, in which order, and which dialog is open. Pure.

import { type Address, oneOf, present, text } from "@/api/address";
import { SESSION_STANDINGS } from "@/features/sessions/standing";

/** The order of the list. */
export type Order = "standing" | "newest" | "name";

const STANDINGS = SESSION_STANDINGS.map(({ id }) => id);

/** Reads it; what makes no sense is left out, and what is absent does not narrow the list. */
export const sessionsSearch = (address: Address) =>
  present({
    /** Words that a session has to have: in its name, folder, branch, agent or workers. */
    q: text(address.q),
    agent: text(address.agent),
    kind: oneOf(address.kind, ["quick", "worktree"]),
    standing: oneOf(address.standing, STANDINGS),
    order: oneOf(address.order, ["newest", "name"]),
    /** The dialog in which a session is made is open; `agent` says where. */
    new: flag(address.new),
    /** The dialog of agent types is open. */
    "agent-types": flag(address["agent-types"]),
    /** The dialog of repositories and worktrees is open. */
    repositories: flag(address.repositories),
    /** The dialog that looks whether folders are still there is open. */
    check: flag(address.check),
  });

/** See the top of the file. */
export type SessionsSearch = ReturnType<typeof sessionsSearch>;

const flag = (value: unknown) => (value === 1 || value === true || value === "1" ? 1 : undefined);
