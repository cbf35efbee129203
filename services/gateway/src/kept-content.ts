import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Request, Response } from "express";
import { preferredEncoding } from "./transcoder/accept.ts";
import { isNotModified } from "./transcoder/call-headers.ts";
import { ENCODINGS, type Encoding } from "./transcoder/compression.ts";

/** Done once for all who ask, in another thread: half a megabyte takes some 30 ms. */
const packers: Readonly<Record<Encoding, (plain: Buffer) => Promise<Buffer>>> = {
  br: (plain) => promisify(brotliCompress)(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } }),
  gzip: (plain) => promisify(gzip)(plain),
};

/** A content kept in memory, and its codings as they are asked for. */
export type KeptContent = ReturnType<typeof kept>;

/** A strong tag vouches for every byte, so each coding has its own (RFC 9110 §8.8.3.3). */
export const kept = (plain: Buffer) => {
  const digest = createHash("sha256").update(plain).digest("base64url");
  const packed = new Map<Encoding, Promise<Buffer>>();
  return {
    etagOf: (encoding: Encoding | undefined): string => `"${digest}${encoding === undefined ? "" : `-${encoding}`}"`,
    as: async (encoding: Encoding | undefined): Promise<Buffer> => {
      if (encoding === undefined) return plain;
      const known = packed.get(encoding);
      if (known) return known;
      const made = packers[encoding](plain);
      packed.set(encoding, made);
      return made;
    },
  };
};

/** Sends a content, compressed to those who take it, and not again to those who have it. */
export const sendKept = async (
  request: Request,
  response: Response,
  { etagOf, as }: KeptContent,
  fields: Readonly<Record<string, string>>,
): Promise<void> => {
  const encoding = preferredEncoding(request.headers["accept-encoding"], ENCODINGS);
  const etag = etagOf(encoding);
  response.vary("accept-encoding").set({ ...fields, etag });
  if (isNotModified(request.headers["if-none-match"], etag)) {
    response.status(304).end();
    return;
  }
  if (encoding !== undefined) response.set("content-encoding", encoding);
  response.end(await as(encoding));
};
