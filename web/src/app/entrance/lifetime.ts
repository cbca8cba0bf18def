// What a token says of its own life.

/** How long a token counts and since when, in milliseconds, as the issuer's clock has it; nothing if it does not say. */
export function lifeOf(token: string): { beganAt: number; lastsMs: number } | undefined {
  const claims = token.split(".")[1];
  if (claims === undefined) return undefined;
  try {
    const read: unknown = JSON.parse(atob(claims.replaceAll("-", "+").replaceAll("_", "/")));
    if (typeof read !== "object" || read === null || !("iat" in read) || !("exp" in read)) {
      return undefined;
    }
    const { iat, exp } = read;
    if (typeof iat !== "number" || typeof exp !== "number" || exp <= iat) return undefined;
    return { beganAt: iat * 1000, lastsMs: (exp - iat) * 1000 };
  } catch {
    return undefined;
  }
}
