// Every key that does something, for whoever wants to know.

import { PLACES } from "../places";

/** Keys that are pressed together stand in one text, those that follow each other in several. */
export interface KeyLine {
  readonly keys: readonly string[];
  readonly does: string;
}

/** Where they work, and which. */
export interface KeyGroup {
  readonly title: string;
  readonly lines: readonly KeyLine[];
}

/** All of them. */
export const KEYS: readonly KeyGroup[] = [
  {
    title: "Everywhere",
    lines: [
      { keys: ["Ctrl K"], does: "Go to a page, an agent or a session, or do something" },
      { keys: ["/"], does: "Search the list that is shown" },
      { keys: ["?"], does: "Show these keys" },
      { keys: ["Esc"], does: "Close a dialog, empty a search" },
    ],
  },
  {
    title: "Pages",
    lines: PLACES.map(({ key, label }) => ({ keys: ["g", key], does: label })),
  },
  {
    title: "In a terminal",
    lines: [
      { keys: ["Ctrl Shift L"], does: "Leave the terminal, so that Tab moves on" },
      { keys: ["Ctrl Shift F"], does: "Search what it printed" },
      { keys: ["Ctrl Shift C"], does: "Copy what is selected" },
      { keys: ["Ctrl Shift ."], does: "Larger letters" },
      { keys: ["Ctrl Shift ,"], does: "Smaller letters" },
      { keys: ["Shift Enter"], does: "A new line in what is written to an agent" },
    ],
  },
  {
    title: "In a browser that you steer",
    lines: [{ keys: ["Ctrl Shift Esc"], does: "Leave it, so that keys are this page's" }],
  },
  {
    title: "Looking at a run",
    lines: [
      { keys: ["←"], does: "The step before" },
      { keys: ["→"], does: "The step after" },
      { keys: ["Home"], does: "The first step" },
      { keys: ["End"], does: "The last step, or what it is at now" },
    ],
  },
  {
    title: "Terminals side by side",
    lines: [
      { keys: ["Ctrl Alt ←→↑↓"], does: "Go to the terminal beside" },
      { keys: ["Ctrl Alt Shift ←→↑↓"], does: "Move the line beside it" },
      { keys: ["Ctrl Alt Page ↑↓"], does: "Previous or next tab" },
      { keys: ["Ctrl Alt Enter"], does: "Fill the window, or back" },
      { keys: ["Ctrl Alt Home"], does: "To the tabs" },
    ],
  },
  {
    title: "Writing a command",
    lines: [
      { keys: ["Enter"], does: "Run it" },
      { keys: ["↑"], does: "The one before" },
      { keys: ["↓"], does: "The one after" },
    ],
  },
];
