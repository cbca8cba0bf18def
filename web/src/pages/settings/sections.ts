// The parts of the settings, in their order.

import {
  Bell,
  CircleUser,
  Keyboard,
  type LucideIcon,
  Palette,
  Server,
  SquareTerminal,
  Webhook,
} from "lucide-react";

/** One of them. */
export interface SettingsPlace {
  readonly id: string;
  readonly label: string;
  readonly icon: LucideIcon;
  /** Shown to administrators alone. */
  readonly isForAdministrators?: boolean;
}

/** The first is shown when the address names none. */
export const SECTIONS = [
  { id: "you", label: "You", icon: CircleUser },
  { id: "appearance", label: "Appearance", icon: Palette },
  { id: "terminals", label: "Terminals", icon: SquareTerminal },
  { id: "notifications", label: "Notifications", icon: Bell },
  { id: "keyboard", label: "Keyboard", icon: Keyboard },
  { id: "webhooks", label: "Webhooks", icon: Webhook, isForAdministrators: true },
  { id: "server", label: "Server", icon: Server },
] as const satisfies readonly SettingsPlace[];

/** What the address calls it. */
export type SectionId = (typeof SECTIONS)[number]["id"];

/** The section of that name that somebody may see; else the first. */
export function sectionOf(name: string, administer: boolean): SectionId {
  const found = SECTIONS.find(({ id }) => id === name);
  const isClosed = found !== undefined && "isForAdministrators" in found && !administer;
  return found === undefined || isClosed ? SECTIONS[0].id : found.id;
}
