// Passwords that a browser makes up for somebody.

/** Letters and digits that are told apart when they are read aloud or typed from a note. */
const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";
const GROUPS = 4;
const GROUP = 5;

/** Fills an array with random bytes, as `crypto.getRandomValues` does. */
export type RandomBytes = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

/** A password of four groups, about 99 bits of chance: "k3fmr-x7w2p-…". */
export function madePassword(
  random: RandomBytes = (bytes) => crypto.getRandomValues(bytes),
): string {
  const groups: string[] = [];
  while (groups.length < GROUPS) {
    let group = "";
    while (group.length < GROUP) group += letter(random);
    groups.push(group);
  }
  return groups.join("-");
}

/** Each letter as likely as any other: bytes beyond the last whole round are thrown away. */
function letter(random: RandomBytes): string {
  const fair = 256 - (256 % LETTERS.length);
  for (;;) {
    const byte = random(new Uint8Array(1))[0] ?? 255;
    if (byte < fair) return LETTERS.charAt(byte % LETTERS.length);
  }
}
