// Pictures that are pasted or dropped: which kinds are taken, how large they may be, and what is said of the others.

/** The server takes no more than this. */
const LARGEST_PICTURE = 5 * 1024 * 1024;

/** How files of each kind begin; bytes that may be anything are undefined. */
const BEGINNINGS: readonly {
  readonly kind: string;
  readonly bytes: readonly (number | undefined)[];
}[] = [
  { kind: "image/png", bytes: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
  { kind: "image/jpeg", bytes: [0xff, 0xd8, 0xff] },
  { kind: "image/gif", bytes: [0x47, 0x49, 0x46, 0x38] },
  {
    kind: "image/webp",
    bytes: [
      0x52,
      0x49,
      0x46,
      0x46,
      undefined,
      undefined,
      undefined,
      undefined,
      0x57,
      0x45,
      0x42,
      0x50,
    ],
  },
  { kind: "image/bmp", bytes: [0x42, 0x4d] },
];

/** What kind of picture begins like this, whatever its name says. */
export function kindOf(head: Uint8Array): string | undefined {
  const matches = (bytes: readonly (number | undefined)[]) =>
    head.length >= bytes.length &&
    bytes.every((byte, at) => byte === undefined || byte === head[at]);
  return BEGINNINGS.find(({ bytes }) => matches(bytes))?.kind;
}

/** A picture that can be sent, or why it cannot. */
export type Checked =
  | { readonly kind: "picture"; readonly bytes: Uint8Array; readonly mimeType: string }
  | { readonly kind: "refused"; readonly why: string };

/** Looks at what was pasted or dropped. */
export async function check(file: Blob & { readonly name?: string }): Promise<Checked> {
  const name = file.name === undefined || file.name === "" ? "The picture" : file.name;
  if (file.size > LARGEST_PICTURE) {
    return {
      kind: "refused",
      why: `${name} has ${megabytes(file.size)}; at most 5 MB can be sent.`,
    };
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  const mimeType = kindOf(bytes);
  if (mimeType === undefined) {
    return { kind: "refused", why: `${name} is not a PNG, JPEG, GIF, WebP or BMP picture.` };
  }
  return { kind: "picture", bytes, mimeType };
}

/** A size for people. */
export function megabytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  const [value, unit] = bytes < 1024 * 1024 ? [bytes / 1024, "kB"] : [bytes / 1024 / 1024, "MB"];
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** The files of something pasted or dropped; text has none. */
export function filesOf(transfer: DataTransfer | null): File[] {
  return transfer === null ? [] : [...transfer.files];
}
