// What the address says of a run: which of its steps is shown large. Pure.

import { type Address, count, present } from "@/api/address";

/** Makes sense of it; without a step, the newest there is. */
export const runSearch = (address: Address) => {
  const step = count(address.step);
  return present({ step: step === 0 ? undefined : step });
};
