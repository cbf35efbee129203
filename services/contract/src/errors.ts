import type { ErrorTable } from "@keynode/decider/error-table";
import { withChassisErrors } from "@keynode/grpc/chassis-errors";
import { contractErrors } from "./domain/contract/errors.ts";
import { commonErrors } from "./domain/errors.ts";
import { productErrors } from "./domain/product/errors.ts";
import { purchaseErrors } from "./domain/purchase/errors.ts";

/** Why this service refuses. */
export const contractServiceErrors: ErrorTable = {
  ...commonErrors,
  ...productErrors,
  ...contractErrors,
  ...purchaseErrors,
};

/** Every reason that a single item of a batch may be refused with. */
export const refusals = withChassisErrors(contractServiceErrors);
