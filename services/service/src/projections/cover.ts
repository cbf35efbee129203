import { derivedId } from "@keynode/aggregate/type-id";
import type { Contract_Cover } from "@keynode/contracts/crm/contract/v1/contract";
import { ContractReassigned, ContractSigned } from "@keynode/contracts/crm/contract/v1/contract_events";
import type { Cover } from "@keynode/contracts/crm/service/v1/cover";
import { messageCompleter } from "@keynode/contracts/defaults";
import { isoDate } from "@keynode/decider/calendar-date";
import { defineProjection } from "@keynode/messaging/projection";
import type { Recorded } from "@keynode/messaging/recorded";
import type { Copy } from "@keynode/runtime/service-definition";
import { listIndexes } from "@keynode/query/listing";
import { coverListing } from "../api/list.ts";
import type { CoverTime } from "../domain/case/cover.ts";

/** A cover as shown, without what the row's keys say, and its days as text to sort by. */
export type CoverRow = Omit<Cover, "id" | "etag"> & { fromOn: string; untilOn: string };

export type CoverCopy = Copy<{ covers: CoverRow }>;

/** The cover that a contract grants has one id, however often its signing is heard of. */
export const coverId = (tenant: string, contractId: string): string => derivedId("cover", tenant, contractId);

/** C-057. Who is entitled to service, by the contracts they signed; a signed one changes nothing but hands. */
export const covers = defineProjection<{ covers: CoverRow }>({
  name: "covers",
  from: { contract: ["ContractSigned", "ContractReassigned"] },
  tables: { covers: { indexes: listIndexes(coverListing), complete: messageCompleter("crm.service.v1.Cover") } },
  apply: async (event, tables) => {
    const row = rowOf(event);
    if (row === undefined) return;
    const { tenant, recordId, version } = event;
    await tables.covers.keep({ id: coverId(tenant, recordId), tenant, version }, row);
  },
});

/** The account's covers, as a decision reads them. */
export const coversOf = async (copy: CoverCopy, tenant: string, accountId: string): Promise<CoverTime[]> => {
  const rows = await copy.tables().covers.find({ tenant, accountId }).toArray();
  return rows.flatMap(({ contractId, fromDate, untilDate }) =>
    fromDate === undefined || untilDate === undefined ? [] : [{ contractId, fromDate, untilDate }],
  );
};

const rowOf = (event: Recorded): CoverRow | undefined => {
  const contract = signed(event);
  if (contract?.cover?.fromDate === undefined || contract.cover.untilDate === undefined) return undefined;
  const { ownerId, teamId, accountId, number, signTime, cover } = contract;
  return {
    ownerId,
    teamId,
    accountId,
    contractId: event.recordId,
    contractNumber: number,
    fromDate: cover.fromDate,
    untilDate: cover.untilDate,
    fromOn: isoDate(contract.cover.fromDate),
    untilOn: isoDate(contract.cover.untilDate),
    createTime: signTime ?? event.at,
    updateTime: event.at,
  };
};

type SignedContract = {
  readonly ownerId: string;
  readonly teamId: string;
  readonly accountId: string;
  readonly number: string;
  readonly signTime?: Date | undefined;
  readonly cover?: Contract_Cover | undefined;
};

const signed = ({ type, data }: Recorded): SignedContract | undefined => {
  if (type === "ContractSigned") return ContractSigned.decode(data);
  const { snapshot } = ContractReassigned.decode(data);
  return snapshot?.status === "SIGNED" ? snapshot : undefined;
};
