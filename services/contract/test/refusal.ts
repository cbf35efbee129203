import { RpcError } from "@keynode/grpc/rpc-error";

/** Why a call was refused; fails when it was not. */
export const refusal = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof RpcError)) throw new Error("not refused", { cause: error });
  const { reason, metadata, violations } = error.details;
  return { code: error.code, reason, metadata, fields: violations.map(({ field }) => field) };
};
