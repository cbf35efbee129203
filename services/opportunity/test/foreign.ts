import { newId } from "@keynode/aggregate/type-id";
import { Account } from "@keynode/contracts/crm/account/v1/account";
import { AccountCreated, AccountDeleted } from "@keynode/contracts/crm/account/v1/account_events";
import { Contract } from "@keynode/contracts/crm/contract/v1/contract";
import {
  ContractCancelled,
  ContractDeleted,
  ContractDrafted,
  ContractRestored,
  ContractSigned,
} from "@keynode/contracts/crm/contract/v1/contract_events";
import type { Recorded } from "@keynode/messaging/recorded";
import type { ServiceUnderTest } from "@keynode/runtime/testing";

/** Other services' events as this service meets them. */
export const foreign = (under: ServiceUnderTest) => ({
  accountCreated: (recordId = newId("account")): Recorded =>
    under.event({
      context: "account",
      type: "AccountCreated",
      codec: AccountCreated,
      recordId,
      message: { account: Account.fromPartial({ id: recordId }) },
    }),
  accountDeleted: (recordId: string): Recorded =>
    under.event({
      context: "account",
      type: "AccountDeleted",
      codec: AccountDeleted,
      recordId,
      version: 2,
      message: { deleteTime: new Date() },
    }),
  contractDrafted: (recordId: string, opportunityId: string): Recorded =>
    under.event({
      context: "contract",
      type: "ContractDrafted",
      codec: ContractDrafted,
      recordId,
      message: { contract: Contract.fromPartial({ id: recordId, opportunityId }) },
    }),
  contractSigned: (recordId: string, opportunityId: string): Recorded =>
    under.event({
      context: "contract",
      type: "ContractSigned",
      codec: ContractSigned,
      recordId,
      version: 5,
      message: ContractSigned.fromPartial({
        opportunityId,
        value: { currencyCode: "USD", units: 250n, nanos: 0 },
        signedDate: { year: 2026, month: 2, day: 28 },
      }),
    }),
  contractCancelled: (recordId: string, opportunityId: string, version: number): Recorded =>
    under.event({
      context: "contract",
      type: "ContractCancelled",
      codec: ContractCancelled,
      recordId,
      version,
      message: { reason: "no deal", opportunityId },
    }),
  contractDeleted: (recordId: string, opportunityId: string, version: number): Recorded =>
    under.event({
      context: "contract",
      type: "ContractDeleted",
      codec: ContractDeleted,
      recordId,
      version,
      message: { deleteTime: new Date(), snapshot: Contract.fromPartial({ opportunityId }) },
    }),
  contractRestored: (recordId: string, opportunityId: string, version: number): Recorded =>
    under.event({
      context: "contract",
      type: "ContractRestored",
      codec: ContractRestored,
      recordId,
      version,
      message: { snapshot: Contract.fromPartial({ opportunityId, status: "DRAFT" }) },
    }),
});
