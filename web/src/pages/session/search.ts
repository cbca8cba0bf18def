// What the address says of a session's workspace. Pure.

import { type Address, present, text } from "@/api/address";

/** Reads it. */
export const sessionSearch = (address: Address) =>
  present({
    /** The worker that has the focus. */
    worker: text(address.worker),
    /** An arrangement to begin with: `grid`, or one as a copied link has it. */
    layout: text(address.layout),
  });
