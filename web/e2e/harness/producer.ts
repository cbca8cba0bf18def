// A program that sends pictures of its own, as those of others do: one colour each.
import { crc32, deflateSync } from "node:zlib";

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [number, number, number];

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A PNG of one colour. */
export function png(width: number, height: number, colour: Colour): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  // Eight bits of red, green and blue each.
  head.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.concat([Buffer.of(0), Buffer.concat(Array(width).fill(Buffer.from(colour)))]);
  const rows = deflateSync(Buffer.concat(Array(height).fill(row)));
  const signature = Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return Buffer.concat([
    signature,
    chunk("IHDR", head),
    chunk("IDAT", rows),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** Sends pictures to a stream. */
export class Producer {
  #seq = 0;

  private constructor(
    private readonly socket: WebSocket,
    private readonly stream: string,
  ) {}

  /** Begins; the simplest program shows no token. */
  static async open(server: string, stream: string): Promise<Producer> {
    const socket = new WebSocket(`${server.replace("http", "ws")}/ws/stream/${stream}`);
    await new Promise<unknown>((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", () => reject(new Error("the stream was refused")));
    });
    return new Producer(socket, stream);
  }

  /** Sends a picture of one colour. */
  send(colour: Colour, width = 640, height = 360): void {
    this.#seq += 1;
    const data = png(width, height, colour).toString("base64");
    const metadata = { deviceWidth: width, deviceHeight: height };
    const timestamp = Date.now() / 1000;
    const frame = { type: "frame", sessionId: this.stream, data, timestamp };
    this.socket.send(JSON.stringify({ ...frame, seq: this.#seq, metadata }));
  }

  close(): void {
    this.socket.close();
  }
}
