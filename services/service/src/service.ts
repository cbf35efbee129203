import { openSequence } from "@keynode/aggregate/sequence";
import { CaseServiceService } from "@keynode/contracts/crm/service/v1/case_service";
import { CoverServiceService } from "@keynode/contracts/crm/service/v1/cover_service";
import { implement } from "@keynode/grpc/implement";
import type { ServiceDefinition } from "@keynode/runtime/service-definition";
import { caseApi } from "./api/case.ts";
import { caseContext } from "./api/context.ts";
import { coverApi } from "./api/cover.ts";
import { caseAggregate } from "./case.ts";
import { serviceErrors } from "./domain/errors.ts";
import { accounts } from "./projections/account.ts";
import { covers } from "./projections/cover.ts";
import { products } from "./projections/product.ts";
import { tenants } from "@keynode/runtime/copies/tenants";
import { users } from "./projections/user.ts";
import { onAgent } from "./reactors/on-agent.ts";
import { onCaseOpened } from "./reactors/on-case-opened.ts";
import { onContractSigned } from "./reactors/on-contract-signed.ts";

/** Composition root: the only wiring. */
export const serviceService: ServiceDefinition = {
  name: "service",
  errors: serviceErrors,
  build: (tools) => {
    const cases = tools.store(caseAggregate);
    const coverCopy = tools.projection(covers);
    const userCopy = tools.projection(users);
    const context = caseContext({
      cases: cases.collection,
      number: openSequence(tools.db, "cases"),
      accounts: tools.projection(accounts),
      covers: coverCopy,
      products: tools.projection(products),
      tenants: tools.projection(tenants),
      users: userCopy,
    });
    return {
      implementations: [
        implement(CaseServiceService, caseApi(cases, context)),
        implement(CoverServiceService, coverApi(coverCopy)),
      ],
      reactors: [
        onCaseOpened(cases, context, tools),
        onContractSigned(cases, coverCopy, context, tools),
        onAgent(cases, userCopy, context, tools),
      ],
    };
  },
};
