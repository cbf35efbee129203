import type { ErrorTable } from "@keynode/decider/error-table";
import { opportunityErrors } from "./domain/opportunity/errors.ts";
import { pipelineErrors } from "./domain/pipeline/errors.ts";

/** Why this service refuses. */
export const opportunityServiceErrors: ErrorTable = { ...pipelineErrors, ...opportunityErrors };
