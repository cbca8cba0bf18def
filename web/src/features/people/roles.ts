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

/** The role of that name; one that nobody knows here may only look. */
export const roleOf = (name: string): Role => ROLES.find((role) => role === name) ?? "viewer";

/** What it is called. */
export const roleName = (role: string): string => NAMES[roleOf(role)];

/** What it may. */
export const roleMeaning = (role: string): string => MEANINGS[roleOf(role)];

/** Whether `role` may more than `other`. */
export const isAbove = (role: Role, other: Role): boolean =>
  ROLES.indexOf(role) > ROLES.indexOf(other);
