import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { preferredEncoding } from "./accept.ts";

export type Encoding = "br" | "gzip";

/** The one that packs tighter first, for clients that take both. */
export const ENCODINGS: readonly Encoding[] = ["br", "gzip"];

/** Below this, what is saved is less than what the work and the header fields cost. */
const MIN_BYTES = 2 * 1024;
/** Compression runs beside the event loop, in as many threads as there are; beyond this many waiting, bytes leave as they are. */
const MAX_PENDING = 16;
/** Of 9 and of 11: past these, much more work saves little more. */
const GZIP_LEVEL = 4;
const BROTLI_QUALITY = 4;

const TEXT_TYPE = /^(?:text\/|application\/(?:[\w.-]+\+)?(?:json|xml)\b)/;

const gzipped = promisify(gzip);
const brotlied = promisify(brotliCompress);

let pending = 0;

/** The coding in which a body of this type and size should leave, as far as the client takes it. */
export const encodingFor = (
  acceptEncoding: string | undefined,
  type: string,
  sizeBytes: number,
): Encoding | undefined =>
  sizeBytes < MIN_BYTES || pending >= MAX_PENDING || !TEXT_TYPE.test(type)
    ? undefined
    : preferredEncoding(acceptEncoding, ENCODINGS);

/** Packs a body, without keeping the event loop waiting. */
export const compressed = async (body: Buffer, encoding: Encoding): Promise<Buffer> => {
  pending += 1;
  try {
    return encoding === "gzip"
      ? await gzipped(body, { level: GZIP_LEVEL })
      : await brotlied(body, {
          params: {
            [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
            [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
          },
        });
  } finally {
    pending -= 1;
  }
};
