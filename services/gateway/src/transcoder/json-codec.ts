import type { DescField, DescMessage, Registry } from "@bufbuild/protobuf";
import { createJsonRenderers, type JsonRenderer } from "./codec/message-to-json.ts";
import { createWireWriters, type WireWriter } from "./codec/message-to-wire.ts";

/**
 * proto3 JSON ⇄ protobuf bytes, compiled once per message type. @bufbuild/protobuf is the
 * reference: property tests hold both ways equal to it for every message of the contracts.
 */
export type JsonCodec = {
  readonly writer: (desc: DescMessage) => WireWriter;
  readonly renderer: (desc: DescMessage, options?: { readonly emptyLists?: boolean }) => JsonRenderer;
  readonly fieldRenderer: (field: DescField) => JsonRenderer;
};

export const createJsonCodec = (registry: Registry): JsonCodec => {
  const { message, field } = createJsonRenderers(registry);
  return { writer: createWireWriters(registry), renderer: message, fieldRenderer: field };
};
