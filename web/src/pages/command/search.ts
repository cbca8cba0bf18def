// What an address says about a command: which words of its output led there.

import { type Address, count, present, text } from "@/api/address";

/** Makes sense of it. */
export const commandSearch = (address: Address) =>
  present({
    /** How many bytes of the output come before the piece that has the words. */
    at: count(address.at),
    q: text(address.q),
  });

/** The word to look for: of several, the longest says most. */
export const soughtWord = (query: string): string =>
  query
    .split(/[^\p{Alphabetic}\p{N}]+/u)
    .reduce((longest, word) => (word.length > longest.length ? word : longest), "");
