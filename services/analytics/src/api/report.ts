import type { ReportServiceService } from "@keynode/contracts/crm/analytics/v1/report_service";
import { type DomainError, isDomainError } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";
import type { Handlers } from "@keynode/grpc/implement";
import type { SalesCopy } from "../projections/sales.ts";
import { funnelReport } from "../reports/funnel-report.ts";
import { openReadings, type Reading } from "../reports/reading.ts";
import { reportCache } from "../reports/report-cache.ts";
import { salesReport } from "../reports/sales-report.ts";
import type { Scope } from "../reports/scope.ts";

/** Finished reports that a replica keeps; one is some kilobytes. */
const reportsKept = 512;

/** One entry per rpc of ReportService. */
export const reportApi = (copy: SalesCopy, now: () => Date): Handlers<typeof ReportServiceService> => {
  const read = openReadings(copy, now);
  const cached = reportCache(reportsKept);

  /** The report that the newest facts give, made anew only if they changed. */
  const answered = async <Question extends Scope, Report extends object>(
    name: string,
    make: (tables: Reading["tables"], question: Question) => Promise<Report | DomainError>,
    question: Question,
  ) => {
    const { tables, generation, revisionOf, asOf, complete } = await read();
    const { tenant } = question;
    const revision = await revisionOf(tenant);
    const key = JSON.stringify([name, generation, question]);
    const report = await cached(key, revision, () => make(tables, question));
    return isDomainError(report) ? report : { ...report, asOf, complete };
  };

  return {
    getSalesReport: ({ fromDate, untilDate, groupBy, currency, ownerId, teamId, region, productId, sector }, call) =>
      answered("sales", salesReport, {
        ...scopeOf(call),
        period: { from: fromDate, until: untilDate },
        groupBy: groupBy === "GROUP_BY_UNSPECIFIED" || groupBy === "UNRECOGNIZED" ? "NONE" : groupBy,
        currency,
        wanted: { ownerId, teamId, region, productIds: productId, sector },
      }),
    getFunnelReport: ({ fromDate, untilDate, ownerId, teamId, pipelineId }, call) =>
      answered("funnel", funnelReport, {
        ...scopeOf(call),
        period: { from: fromDate, until: untilDate },
        pipelineId,
        wanted: { ownerId, teamId },
      }),
  };
};

const scopeOf = ({ tenant, visibility }: Call): Scope => ({ tenant, visibility });
