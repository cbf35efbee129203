import { lookup as resolve } from "node:dns";
import { type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { isPublicAddress } from "./public-address.ts";

/** The part of the Fetch API that an OpenID Connect client needs. */
export type OutboundFetch = (
  url: string,
  init: { readonly method: string; readonly headers: Record<string, string>; readonly body?: unknown },
) => Promise<Response>;

export type OutboundOptions = {
  /** True to reach addresses that the Internet does not. */
  readonly privateNetwork: boolean;
  /** Ends every request that is under way. */
  readonly signal: AbortSignal;
};

/** The other side cannot be reached, takes too long, or says itself that something is wrong with it. */
export class OutboundError extends Error {
  override readonly name = "OutboundError";
}

/** Discovery documents and key sets are a few KiB. */
const maxBodyBytes = 512 * 1024;

/**
 * Fetches from addresses that tenants name. Unlike the global `fetch` it looks at the address it connects to, after the
 * name was resolved and for this very connection, follows no redirect, and stops reading at 512 KiB: a tenant's issuer
 * reaches neither our own network nor our memory. Whatever is no answer, or one of status 500 and up, is an OutboundError.
 */
export const outboundFetch =
  ({ privateNetwork, signal }: OutboundOptions): OutboundFetch =>
  (text, { method, headers, body }) =>
    new Promise((resolveResponse, rejectResponse) => {
      const reject = (cause: unknown): void => rejectResponse(new OutboundError("no answer", { cause }));
      const url = new URL(text);
      const host = url.hostname.replace(/^\[|\]$/g, "");
      if (!privateNetwork && isIP(host) !== 0 && !isPublicAddress(host)) {
        reject(new Error(`${host} is no address of the Internet`));
        return;
      }
      const send = url.protocol === "http:" ? httpRequest : httpsRequest;
      const outgoing = send(
        url,
        { method, headers, signal, ...(!privateNetwork && { lookup: publicLookup }) },
        (incoming) => {
          const { statusCode = 0 } = incoming;
          if (statusCode >= 500) incoming.destroy(new Error(`status ${statusCode}`));
          read(incoming).then((bytes) => resolveResponse(responseOf(incoming, bytes)), reject);
        },
      );
      outgoing.on("error", reject);
      outgoing.end(body instanceof URLSearchParams ? body.toString() : typeof body === "string" ? body : undefined);
    });

/** Resolves names to addresses of the Internet only. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) {
      callback(error, "", 0);
      return;
    }
    const open = addresses.filter(({ address }) => isPublicAddress(address));
    const [first] = open;
    if (first === undefined) callback(new Error(`${hostname} has no address of the Internet`), "", 0);
    else if (options.all) callback(null, open);
    else callback(null, first.address, first.family);
  });
};

const read = async (incoming: IncomingMessage): Promise<Buffer<ArrayBuffer>> => {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBodyBytes) throw new Error(`the answer is larger than ${maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, sizeBytes);
};

/** Statuses that come without a body, which `Response` insists on. */
const bodiless: ReadonlySet<number> = new Set([101, 204, 205, 304]);

const responseOf = ({ statusCode = 502, headersDistinct }: IncomingMessage, bytes: Buffer<ArrayBuffer>): Response => {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct)) {
    for (const value of values) headers.append(name, value);
  }
  return new Response(bodiless.has(statusCode) ? null : bytes, { status: statusCode, headers });
};
