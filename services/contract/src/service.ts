import { openSequence } from "@keynode/aggregate/sequence";
import { ContractServiceService } from "@keynode/contracts/crm/contract/v1/contract_service";
import { ProductServiceService } from "@keynode/contracts/crm/contract/v1/product_service";
import { PurchaseServiceService } from "@keynode/contracts/crm/contract/v1/purchase_service";
import { RoundServiceService } from "@keynode/contracts/crm/contract/v1/round_service";
import { implement } from "@keynode/grpc/implement";
import type { ServiceDefinition } from "@keynode/runtime/service-definition";
import { purchaseContext } from "./api/context.ts";
import { contractApi } from "./api/contract.ts";
import { productApi } from "./api/product.ts";
import { purchaseApi } from "./api/purchase.ts";
import { openLookup } from "./api/lookup.ts";
import { roundApi } from "./api/round.ts";
import { contractAggregate } from "./contract.ts";
import { contractServiceErrors } from "./errors.ts";
import { productAggregate } from "./product.ts";
import { accounts } from "@keynode/runtime/copies/accounts";
import { opportunityProjection } from "./projections/opportunity.ts";
import { tenants } from "@keynode/runtime/copies/tenants";
import { purchaseAggregate } from "./purchase.ts";
import { onContractSigned } from "./reactors/on-contract-signed.ts";
import { onNegotiation } from "./reactors/on-negotiation.ts";
import { roundAggregate } from "./round.ts";

/** Composition root: the only wiring. */
export const contractService: ServiceDefinition = {
  name: "contract",
  errors: contractServiceErrors,
  build: (tools) => {
    const products = tools.store(productAggregate);
    const contracts = tools.store(contractAggregate);
    const rounds = tools.store(roundAggregate);
    const purchases = tools.store(purchaseAggregate);
    const lookup = openLookup(
      products,
      tools.projection(accounts),
      tools.projection(opportunityProjection),
      tools.projection(tenants),
    );
    return {
      implementations: [
        implement(ProductServiceService, productApi(products)),
        implement(ContractServiceService, contractApi(contracts, lookup, openSequence(tools.db, "contract"))),
        implement(RoundServiceService, roundApi(rounds)),
        implement(PurchaseServiceService, purchaseApi(purchases, lookup)),
      ],
      reactors: [onContractSigned(purchases, purchaseContext(lookup), tools), onNegotiation(contracts, rounds, tools)],
    };
  },
};
