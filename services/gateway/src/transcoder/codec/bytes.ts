/** A buffer being filled; grows as needed. One is kept per codec, since filling never waits. */
export type Sink = { bytes: Buffer; at: number };

const INITIAL_BYTES = 16 * 1024;
/** A sink that grew past this for one large message is not kept. */
const KEPT_BYTES = 1024 * 1024;

export const createSink = (): Sink => ({ bytes: Buffer.allocUnsafeSlow(INITIAL_BYTES), at: 0 });

/** Makes room for `count` more bytes. */
export const reserve = (sink: Sink, count: number): void => {
  const needed = sink.at + count;
  if (needed <= sink.bytes.length) return;
  const grown = Buffer.allocUnsafeSlow(Math.max(sink.bytes.length * 2, needed));
  sink.bytes.copy(grown, 0, 0, sink.at);
  sink.bytes = grown;
};

/** A copy of what was written; the sink is empty again. */
export const take = (sink: Sink): Buffer => {
  const copy = Buffer.from(sink.bytes.subarray(0, sink.at));
  sink.at = 0;
  if (sink.bytes.length > KEPT_BYTES) sink.bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  return copy;
};

/** Protobuf bytes being read; `end` is where the message ends that is being read just now. */
export type Source = { readonly bytes: Buffer; at: number; end: number };

export const sourceOf = (bytes: Buffer): Source => ({ bytes, at: 0, end: bytes.length });

/** Wire types of the protobuf encoding. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;
