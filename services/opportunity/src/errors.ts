import type { ErrorTable } from "@keynode/decider/error-table";
import { withChassisErrors } from "@keynode/grpc/chassis-errors";
import { opportunityErrors } from "./domain/opportunity/errors.ts";
import { pipelineErrors } from "./domain/pipeline/errors.ts";

/** Why this service refuses. */
export const opportunityServiceErrors: ErrorTable = { ...pipelineErrors, ...opportunityErrors };

/** Every reason that a single item of a batch may be refused with. */
export const refusals = withChassisErrors(opportunityServiceErrors);
