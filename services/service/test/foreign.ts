import { newId } from "@keynode/aggregate/type-id";
import { Account } from "@keynode/contracts/crm/account/v1/account";
import { AccountCreated, AccountDeleted, AccountReassigned } from "@keynode/contracts/crm/account/v1/account_events";
import { Contact } from "@keynode/contracts/crm/account/v1/contact";
import { ContactCreated } from "@keynode/contracts/crm/account/v1/contact_events";
import { Contract } from "@keynode/contracts/crm/contract/v1/contract";
import { ContractReassigned, ContractSigned } from "@keynode/contracts/crm/contract/v1/contract_events";
import { Product } from "@keynode/contracts/crm/contract/v1/product";
import { ProductCreated } from "@keynode/contracts/crm/contract/v1/product_events";
import { Tenant } from "@keynode/contracts/crm/identity/v1/tenant";
import { TenantCreated } from "@keynode/contracts/crm/identity/v1/tenant_events";
import { User } from "@keynode/contracts/crm/identity/v1/user";
import { UserCreated, UserDeactivated } from "@keynode/contracts/crm/identity/v1/user_events";
import type { Recorded } from "@keynode/messaging/recorded";
import type { ServiceUnderTest } from "@keynode/runtime/testing";

/** `2025-12-31` as google.type.Date has it. */
const date = (text: string) => {
  const [year = 0, month = 0, day = 0] = text.split("-").map(Number);
  return { year, month, day };
};

/** A contract as tests tell it: who it is for, and from when until when it covers. */
export type Signing = { readonly accountId: string; readonly from: string; readonly until: string };

/** Other services' events as this service meets them. */
export const foreign = (under: ServiceUnderTest) => ({
  accountCreated: (recordId: string, ownerId = ""): Recorded => {
    const account = Account.fromPartial({ id: recordId, ownerId });
    return under.event({
      context: "account",
      type: "AccountCreated",
      codec: AccountCreated,
      recordId,
      message: {
        account,
        snapshot: account,
      },
    });
  },
  accountReassigned: (recordId: string, ownerId: string): Recorded =>
    under.event({
      context: "account",
      type: "AccountReassigned",
      codec: AccountReassigned,
      recordId,
      version: 2,
      message: AccountReassigned.fromPartial({
        ownerId,
        snapshot: Account.fromPartial({
          id: recordId,
          ownerId,
        }),
      }),
    }),
  accountDeleted: (recordId: string): Recorded =>
    under.event({
      context: "account",
      type: "AccountDeleted",
      codec: AccountDeleted,
      recordId,
      version: 2,
      message: {
        snapshot: Account.fromPartial({
          id: recordId,
          deleteTime: new Date(),
        }),
      },
    }),
  contactCreated: (recordId: string): Recorded => {
    const contact = Contact.fromPartial({ id: recordId });
    return under.event({
      context: "account",
      kind: "contact",
      type: "ContactCreated",
      codec: ContactCreated,
      recordId,
      message: {
        contact,
        snapshot: contact,
      },
    });
  },
  productCreated: (recordId: string): Recorded => {
    const product = Product.fromPartial({ id: recordId });
    return under.event({
      context: "contract",
      kind: "product",
      type: "ProductCreated",
      codec: ProductCreated,
      recordId,
      message: {
        product,
        snapshot: product,
      },
    });
  },
  tenantCreated: (timeZone: string): Recorded => {
    const tenant = Tenant.fromPartial({ id: under.tenant, timeZone });
    return under.event({
      context: "identity",
      kind: "tenant",
      type: "TenantCreated",
      codec: TenantCreated,
      recordId: under.tenant,
      message: {
        tenant,
        snapshot: tenant,
      },
    });
  },
  userCreated: (partial: Partial<User> = {}): Recorded => {
    const user = User.fromPartial({ id: newId("user"), active: true, ...partial });
    return under.event({
      context: "identity",
      kind: "user",
      type: "UserCreated",
      codec: UserCreated,
      recordId: user.id,
      message: {
        user,
        snapshot: user,
      },
    });
  },
  userDeactivated: ({ recordId, data }: Recorded): Recorded => {
    const { snapshot = User.fromPartial({}) } = UserCreated.decode(data);
    return under.event({
      context: "identity",
      kind: "user",
      type: "UserDeactivated",
      codec: UserDeactivated,
      recordId,
      version: 2,
      message: {
        snapshot: {
          ...snapshot,
          active: false,
        },
      },
    });
  },
  contractSigned: ({ accountId, from, until }: Signing, recordId = newId("contract")): Recorded =>
    under.event({
      context: "contract",
      type: "ContractSigned",
      codec: ContractSigned,
      recordId,
      version: 5,
      message: ContractSigned.fromPartial({
        number: "CT-000001",
        accountId,
        ownerId: under.admin.actor,
        signTime: new Date(),
        cover: {
          fromDate: date(from),
          untilDate: date(until),
        },
      }),
    }),
  contractReassigned: (recordId: string, ownerId: string, { accountId, from, until }: Signing): Recorded =>
    under.event({
      context: "contract",
      type: "ContractReassigned",
      codec: ContractReassigned,
      recordId,
      version: 6,
      message: ContractReassigned.fromPartial({
        ownerId,
        snapshot: Contract.fromPartial({
          id: recordId,
          number: "CT-000001",
          accountId,
          ownerId,
          status: "SIGNED",
          signTime: new Date(),
          cover: {
            fromDate: date(from),
            untilDate: date(until),
          },
        }),
      }),
    }),
});
