// Whether the browser lets the page tell something outside of itself.

import { create } from "zustand";

/** `missing` is a browser, or an address without https, that has no such thing. */
export type Permission = "granted" | "denied" | "default" | "missing";

const now = (): Permission => ("Notification" in globalThis ? Notification.permission : "missing");

interface PermissionState {
  readonly permission: Permission;
  /** Has the browser ask; only when somebody pressed something. */
  ask(): Promise<void>;
  /** Looks again: people change it in the browser's own settings. */
  look(): void;
}

/** The browser's permission. */
export const usePermission = create<PermissionState>()((set) => ({
  permission: now(),
  ask: async () => {
    if (now() !== "missing") await Notification.requestPermission();
    set({ permission: now() });
  },
  look: () => set({ permission: now() }),
}));
