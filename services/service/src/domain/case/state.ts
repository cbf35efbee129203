import type { Case } from "@keynode/contracts/crm/service/v1/case";

export type CaseState = Case;
