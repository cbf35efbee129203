import type { ServiceError } from "@grpc/grpc-js";
import { type CodeName, codeName, readDetails, type StatusDetails, statusFromTrailers } from "./status.ts";

/** A call that another service did not answer with OK. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  /** Name of the google.rpc.Code. */
  readonly code: CodeName;
  readonly method: string;
  readonly details: StatusDetails;

  constructor(method: string, code: CodeName, message: string, details: StatusDetails, cause?: unknown) {
    super(`${method}: ${code}: ${message}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.method = method;
    this.details = details;
  }
}

/** What grpc-js reports, with its details read. The cause is kept only where it is not a refusal. */
export const rpcErrorOf = (method: string, error: ServiceError): RpcError => {
  const details = readDetails(statusFromTrailers(error.metadata));
  return new RpcError(
    method,
    codeName(error.code),
    error.details,
    details,
    details.reason === undefined ? error : undefined,
  );
};
