// What roles mean, in words.

/** The roles, the one that may least first. */
export const ROLES = ["viewer", "operator", "admin"] as const;

/** What somebody may do. */
export type Role = (typeof ROLES)[number];

const NAMES: Record<Role, string> = {
  viewer: "Viewer",
  operator: "Operator",
  admin: "Administrator",
};

const MEANINGS: Record<Role, string> = {
  viewer: "Sees everything. Sends no command and no key.",
  operator: "Also runs commands, types into terminals, makes sessions and links agents.",
  admin: "Also looks after people, keys and webhooks.",
};

const SUMMARIES: Record<Role, string> = {
  viewer: "Sees everything. Sends no command and no key.",
  operator: "Runs commands, types into terminals, makes sessions and links agents.",
  admin: "May do everything: run commands, and look after people, keys and webhooks.",
};

/** The role of that name; one that nobody knows here may only look. */
export const roleOf = (name: string): Role => ROLES.find((role) => role === name) ?? "viewer";

/** What it is called. */
export const roleName = (role: string): string => NAMES[roleOf(role)];

/** What it may beyond the role below it: for lists of all roles. */
export const roleMeaning = (role: string): string => MEANINGS[roleOf(role)];

/** What it may in all. */
export const roleSummary = (role: string): string => SUMMARIES[roleOf(role)];

/** Whether `role` may more than `other`. */
export const isAbove = (role: Role, other: Role): boolean =>
  ROLES.indexOf(role) > ROLES.indexOf(other);
