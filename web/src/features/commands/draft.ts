// A command as somebody writes it, and as it is sent. Pure.

import type { rest } from "pilothouse-client";

/** The fields, as they are written. */
export interface Draft {
  readonly line: string;
  readonly priority: rest.Priority;
  readonly directory: string;
  /** In seconds. */
  readonly timeout: string;
  /** A variable in each line, `NAME=value`. */
  readonly environment: string;
}

/** An empty one. */
export const EMPTY_DRAFT: Draft = {
  line: "",
  priority: "normal",
  directory: "",
  timeout: "",
  environment: "",
};

/** What is wrong with it, or what is to be sent. */
export type Checked =
  | { readonly problem: string }
  | { readonly body: rest.CommandBody & { readonly command: string; readonly agentId: string } };

/** Checks what only this page could tell; all else is the server's to say. */
export function checked(agentId: string, draft: Draft): Checked {
  const { line, priority, directory, timeout, environment } = draft;
  if (line.trim() === "") return { problem: "Write a command line first." };
  const seconds = timeout.trim() === "" ? undefined : Number(timeout);
  if (seconds !== undefined && !(seconds > 0)) {
    return { problem: "The time limit is a number of seconds, or nothing for the usual one." };
  }
  const variables: Record<string, string> = {};
  for (const row of environment.split("\n").filter((one) => one.trim() !== "")) {
    const at = row.indexOf("=");
    if (at < 1)
      return { problem: `"${row.trim()}" is no variable. Write NAME=value, one in each line.` };
    variables[row.slice(0, at).trim()] = row.slice(at + 1);
  }
  return {
    body: {
      agentId,
      command: line,
      priority,
      ...(directory.trim() === "" ? {} : { directory: directory.trim() }),
      ...(seconds === undefined ? {} : { timeout: Math.round(seconds * 1000) }),
      ...(Object.keys(variables).length === 0 ? {} : { environment: variables }),
    },
  };
}

/** A draft out of a preset. */
export const fromPreset = (preset: rest.PresetShape): Draft => ({
  ...EMPTY_DRAFT,
  line: preset.command,
  priority: preset.priority,
  directory: preset.directory ?? "",
  timeout: typeof preset.timeout === "number" ? String(preset.timeout / 1000) : "",
});

/** How many of the folded fields say something. */
export const filledOptions = ({ priority, directory, timeout, environment }: Draft): number =>
  [priority !== "normal", directory !== "", timeout !== "", environment !== ""].filter(Boolean)
    .length;
