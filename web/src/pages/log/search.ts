// What an address says about a terminal's log: where in it, and which words led there.

import { type Address, count, present, text } from "@/api/address";

/** Makes sense of it. */
export const logSearch = (address: Address) =>
  present({
    /** How many bytes come before the place. */
    at: count(address.at),
    /** Which life of the worker. */
    epoch: count(address.epoch),
    q: text(address.q),
  });
