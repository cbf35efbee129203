import { hash } from "node:crypto";
import type { DescMessage } from "@bufbuild/protobuf";
import type { Metadata } from "@grpc/grpc-js";
import { metadataKey, textOf } from "@keynode/grpc/metadata";
import type { Response } from "express";
import type { Exchange } from "../exchange.ts";
import { isNotModified } from "./call-headers.ts";
import { compressed, encodingFor } from "./compression.ts";
import { readDelimitedField } from "./codec/wire-reader.ts";
import { type RawAnswer, rawAnswerOf } from "./http-body.ts";
import type { JsonCodec } from "./json-codec.ts";
import { answerMessage, HTTP_BODY, keepsEmptyLists, type Route } from "./routes.ts";

/** Sends what a service answered; compiled once per route. */
export type AnswerSender = (
  exchange: Exchange,
  message: Buffer,
  headers: Metadata | undefined,
  trailers: Metadata,
) => void | Promise<void>;

export const JSON_TYPE = "application/json";

/** Beyond this, copying costs more than a second write. */
const ONE_WRITE_BYTES = 16 * 1024;

/** A strong entity tag can carry these (RFC 9110 §8.8.3). */
const ETAG_TEXT = /^[\x21\x23-\x7e]{1,128}$/;

export const createAnswerSender = (route: Route, codec: JsonCodec): AnswerSender => {
  const { method, responseBody } = route;
  const etagField = responseBody ? undefined : etagFieldOf(method.output);
  const isRaw = answerMessage(route)?.typeName === HTTP_BODY;
  const versionIn = (message: Buffer): string | undefined =>
    etagField === undefined ? undefined : readDelimitedField(message, etagField)?.toString();
  const render = responseBody
    ? codec.fieldRenderer(responseBody)
    : codec.renderer(method.output, { emptyLists: keepsEmptyLists(route) });

  return (exchange, message, headers, trailers) => {
    const { request, response, headers: fields } = exchange;
    const consistency =
      textOf(trailers, metadataKey.consistency) ?? (headers && textOf(headers, metadataKey.consistency));
    if (consistency !== undefined) fields["keynode-consistency"] = consistency;
    const isRead = request.method === "GET" || request.method === "HEAD";
    // A client may keep what it read, and asks whether it still holds.
    fields["cache-control"] = isRead && !isRaw ? "private, no-cache" : "no-store";
    const answer: RawAnswer = isRaw
      ? rawAnswerOf(responseBody ? (readDelimitedField(message, responseBody.number) ?? EMPTY) : message)
      : { type: JSON_TYPE, body: render(message), status: 200, location: undefined, version: versionIn(message) };
    const { type, body, status, location, version } = answer;
    const isRecord = version !== undefined && ETAG_TEXT.test(version);
    if (isRecord || (isRead && !isRaw)) {
      const etag = isRecord ? `"${version}"` : `"${hash("sha256", body, "base64url")}"`;
      fields["etag"] = isRecord ? etag : `W/${etag}`;
      if (isRead && isNotModified(request.headers["if-none-match"], etag)) {
        response.writeHead(304, fields).end();
        return;
      }
    }
    if (location !== undefined) fields["location"] = location;
    if (status === 204) {
      response.writeHead(204, fields).end();
      return;
    }
    fields["content-type"] = type;
    // A strong tag vouches for every byte, and clients send a record's back in If-Match: records are small and stay as they are.
    const encoding = isRecord ? undefined : encodingFor(request.headers["accept-encoding"], type, body.length);
    if (!isRecord)
      fields["vary"] = fields["vary"] === undefined ? "Accept-Encoding" : `${fields["vary"]}, Accept-Encoding`;
    if (encoding === undefined) return write(response, status, fields, body);
    fields["content-encoding"] = encoding;
    return compressed(body, encoding).then((packed) => write(response, status, fields, packed));
  };
};

const write = (response: Response, status: number, fields: Record<string, string>, body: Buffer): void => {
  fields["content-length"] = String(body.length);
  response.writeHead(status, fields);
  // As text, head and body leave in one write; latin1 keeps each byte as it is.
  if (body.length <= ONE_WRITE_BYTES) response.end(body.toString("latin1"), "latin1");
  else response.end(body);
};

const etagFieldOf = (message: DescMessage): number | undefined =>
  message.fields.find(({ name, fieldKind }) => name === "etag" && fieldKind === "scalar")?.number;

const EMPTY = Buffer.alloc(0);
