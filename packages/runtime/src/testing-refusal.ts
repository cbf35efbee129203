import { RpcError } from "@keynode/grpc/rpc-error";

/** What a call was refused with; throws when it was not. */
export const refused = async (call: Promise<unknown>): Promise<RpcError> => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof RpcError)) throw new Error("not refused", { cause: error });
  return error;
};

/** Why a call was refused, and which fields are told of. */
export const refusal = async (call: Promise<unknown>) => {
  const { code, details } = await refused(call);
  const { reason, metadata, violations } = details;
  return { code, reason, metadata, fields: violations.map(({ field }) => field) };
};
