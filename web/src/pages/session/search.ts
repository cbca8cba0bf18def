// What the address says of a session's workspace. Pure.

/** See the top of the file. */
export interface SessionSearch {
  /** The worker that has the focus. */
  readonly worker?: string;
  /** An arrangement to begin with: `grid`, or one as `Copy link` writes it. */
  readonly layout?: string;
}

/** Reads it from an address; what makes no sense is left out. */
export function sessionSearch({ worker, layout }: Record<string, unknown>): SessionSearch {
  return {
    ...(typeof worker === "string" && worker !== "" ? { worker } : {}),
    ...(typeof layout === "string" && layout !== "" ? { layout } : {}),
  };
}
