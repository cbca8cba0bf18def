// What an address says about a recording: the second it is to be shown at.

import { type Address, count, present } from "@/api/address";

/** Makes sense of it. */
export const recordingSearch = (address: Address) => present({ t: count(address.t) });
