// Joins class names, leaving out what does not apply.

/** The given names, without those that are absent. */
export const classes = (...names: readonly (string | false | undefined)[]): string =>
  names.filter(Boolean).join(" ");
