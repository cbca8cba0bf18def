// Whether the emergency stop is open. It is reached from every page.

import { create } from "zustand";

interface Emergency {
  readonly isOpen: boolean;
  open(): void;
  close(): void;
}

/** Its state. */
export const useEmergency = create<Emergency>()((set) => ({
  isOpen: false,
  open: () => set({ isOpen: true }),
  close: () => set({ isOpen: false }),
}));
