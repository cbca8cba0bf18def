// What the address of a wall says. Pure.

import { type Address, present, text } from "@/api/address";

/** Terminals to show side by side, as `session/worker,session/worker`. */
export const wallSearch = (address: Address) => present({ show: text(address.show) });
