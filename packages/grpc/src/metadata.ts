import type { Metadata } from "@grpc/grpc-js";

/** Metadata keys of our calls; deadlines ride in gRPC's own `grpc-timeout`. */
export const metadataKey = {
  authorization: "authorization",
  idempotencyKey: "idempotency-key",
  ifMatch: "if-match",
  acceptLanguage: "accept-language",
  traceparent: "traceparent",
  requestId: "x-request-id",
  consistency: "keynode-consistency",
  /** `true`: answer as if, and change nothing (AIP-163). */
  validateOnly: "keynode-validate-only",
  /** The client's network and class of program, as the gateway saw them. */
  clientNetwork: "keynode-client-network",
  clientAgent: "keynode-client-agent",
  /** Its whole address, and on public methods the name of its device. */
  clientAddress: "keynode-client-address",
  clientDevice: "keynode-client-device",
} as const;

/** The first value of a text key. */
export const textOf = (metadata: Metadata, key: string): string | undefined => {
  const value = metadata.get(key)[0];
  return typeof value === "string" ? value : undefined;
};
