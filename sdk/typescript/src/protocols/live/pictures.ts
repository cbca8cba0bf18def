// Pictures as they come: JSON with base64 in it, or a header and the bytes themselves.

import { type Decode, decoderOf } from "../../connection/decode.js";
import {
  LIVE_SERVER_MESSAGE_TYPES,
  type LiveMessage,
  type LivePicture,
  type PictureMetadata,
} from "./messages.js";

/** The length of a binary message's header, before it. */
const LENGTH = 4;

const object = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === "object" && value !== null ? { ...value } : undefined;

const number = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;

/** What is said about a picture, if it says how large the page was. */
function metadataOf(value: unknown): PictureMetadata | undefined {
  const fields = object(value);
  const deviceWidth = number(fields?.deviceWidth);
  const deviceHeight = number(fields?.deviceHeight);
  if (deviceWidth === undefined || deviceHeight === undefined) return undefined;
  if (deviceWidth <= 0 || deviceHeight <= 0) return undefined;
  return { ...fields, deviceWidth, deviceHeight };
}

/** What the first bytes say it is; producers say it seldom. */
function mimeOf(bytes: Uint8Array, said: unknown): string {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return "image/jpeg";
  if (bytes[0] === 0x89 && bytes[1] === 0x50) return "image/png";
  return typeof said === "string" ? said : "image/jpeg";
}

function pictureOf(
  header: Readonly<Record<string, unknown>>,
  bytes: Uint8Array,
): LivePicture | undefined {
  if (typeof header.sessionId !== "string" || bytes.length === 0) return undefined;
  const seq = number(header.seq);
  const metadata = metadataOf(header.metadata);
  return {
    sessionId: header.sessionId,
    bytes,
    mime: mimeOf(bytes, header.mime),
    timestamp: number(header.timestamp) ?? null,
    ...(seq === undefined ? {} : { seq }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

/** The bytes of base64; nothing if it is none. */
function unpacked(data: unknown): Uint8Array | undefined {
  if (typeof data !== "string") return undefined;
  try {
    const text = atob(data);
    return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  } catch {
    return undefined;
  }
}

const others = decoderOf<LiveMessage>(LIVE_SERVER_MESSAGE_TYPES);

/** Makes messages of texts. */
export const decodeLive: Decode<LiveMessage> = (text) => {
  const message = others(text);
  if (message?.type !== "frame") return message;
  const header = object(message) ?? {};
  const bytes = unpacked(header.data);
  const picture = bytes === undefined ? undefined : pictureOf(header, bytes);
  return picture === undefined ? undefined : { type: "frame", picture };
};

/** Makes a picture of a binary message: the length of its header (little endian), the header as JSON, the bytes. */
export function decodeLiveBytes(message: Uint8Array): LiveMessage | undefined {
  if (message.length < LENGTH) return undefined;
  const length = new DataView(message.buffer, message.byteOffset, LENGTH).getUint32(0, true);
  if (length > message.length - LENGTH) return undefined;
  try {
    const text = new TextDecoder().decode(message.subarray(LENGTH, LENGTH + length));
    const header = object(JSON.parse(text));
    if (header?.type !== "frame") return undefined;
    const picture = pictureOf(header, message.subarray(LENGTH + length));
    return picture === undefined ? undefined : { type: "frame", picture };
  } catch {
    return undefined;
  }
}
