// What can go wrong, as classes that callers can tell apart. Texts are for people.

/** All errors of this package. */
export class PilothouseError extends Error {
  override readonly name: string = "PilothouseError";
}

/** What was given cannot work, however often it is tried: an address, an option. */
export class SetupError extends PilothouseError {
  override readonly name = "SetupError";
}

/** There is no connection now, and requests are not kept until there is one. */
export class AwayError extends PilothouseError {
  override readonly name = "AwayError";
}

/** So much waits already that nothing more is taken, or this was dropped to make room. */
export class QueueFullError extends PilothouseError {
  override readonly name = "QueueFullError";
}

/** The token does not count, and there is no other one. */
export class TokenRefusedError extends PilothouseError {
  override readonly name = "TokenRefusedError";
}

/** The server did not come back in as many attempts as the protocol has. */
export class GaveUpError extends PilothouseError {
  override readonly name = "GaveUpError";
}

/** What was asked for is not there, or is there no longer. */
export class GoneError extends PilothouseError {
  override readonly name = "GoneError";
}

/** The client was disposed of. */
export class DisposedError extends PilothouseError {
  override readonly name = "DisposedError";
}

/** The connection ended with a close code after which coming back is of no use. */
export class ClosedError extends PilothouseError {
  override readonly name = "ClosedError";

  constructor(
    message: string,
    /** The WebSocket's close code. */
    readonly code: number,
  ) {
    super(message);
  }
}

/** The server said no to a request. */
export class RejectedError extends PilothouseError {
  override readonly name = "RejectedError";

  constructor(
    message: string,
    /** The protocol's word for it, such as `AGENT_OFFLINE`. */
    readonly code: string,
    /** After how many milliseconds the same request can succeed, if the server says so. */
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}

/** The connection was lost before the answer came: whether it was done is not known. */
export class UnknownOutcomeError extends PilothouseError {
  override readonly name = "UnknownOutcomeError";
}
