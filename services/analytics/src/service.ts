import { ReportServiceService } from "@keynode/contracts/crm/analytics/v1/report_service";
import { implement } from "@keynode/grpc/implement";
import type { ServiceDefinition } from "@keynode/runtime/service-definition";
import { reportApi } from "./api/report.ts";
import { analyticsErrors } from "./errors.ts";
import { salesProjection } from "./projections/sales.ts";

/** Composition root: the only wiring. */
export const analyticsService: ServiceDefinition = {
  name: "analytics",
  errors: analyticsErrors,
  build: (tools) => {
    const sales = tools.projection(salesProjection());
    return { implementations: [implement(ReportServiceService, reportApi(sales, tools.now))] };
  },
};
