// The border: text becomes a message of a known type, or nothing.

/** The types that a union of messages has. */
export type KnownTypes<Message extends { type: string }> = Readonly<Record<Message["type"], true>>;

/** Makes messages of texts. Nothing for what a later version may say. */
export type Decode<Message> = (text: string) => Message | undefined;

function isOneOf<Message extends { type: string }>(
  value: unknown,
  types: KnownTypes<Message>,
): value is Message {
  if (typeof value !== "object" || value === null || !("type" in value)) return false;
  // The type is checked, the shape is what the server's own types say.
  return typeof value.type === "string" && Object.hasOwn(types, value.type);
}

/** A decoder of one union of messages. */
export function decoderOf<Message extends { type: string }>(
  types: KnownTypes<Message>,
): Decode<Message> {
  return (text) => {
    try {
      const value: unknown = JSON.parse(text);
      return isOneOf(value, types) ? value : undefined;
    } catch {
      return undefined;
    }
  };
}
