import type { Sequence } from "@keynode/aggregate/sequence";
import type { Attempt, ContextFor } from "@keynode/aggregate/store";
import { findCopied } from "@keynode/api/copied";
import type { Case } from "@keynode/contracts/crm/service/v1/case";
import type { Reference } from "@keynode/decider/reference";
import type { AggregateDocument } from "@keynode/messaging/entry";
import type { Collection } from "mongodb";
import type { CaseCommand } from "../domain/case/command.ts";
import type { CaseContext } from "../domain/case/context.ts";
import type { CaseState } from "../domain/case/state.ts";
import type { AccountCopy } from "../projections/account.ts";
import { type CoverCopy, coversOf } from "../projections/cover.ts";
import type { ProductCopy } from "../projections/product.ts";
import { type TenantCopy, timeZoneOf } from "@keynode/runtime/copies/tenants";
import type { UserCopy } from "../projections/user.ts";
import { agentForNewCase, assigneeNamed } from "./routing.ts";

/** Where a decision's reference data comes from. */
export type Sources = {
  readonly cases: Collection<AggregateDocument<CaseState>>;
  readonly number: Sequence;
  readonly accounts: AccountCopy;
  readonly covers: CoverCopy;
  readonly products: ProductCopy;
  readonly tenants: TenantCopy;
  readonly users: UserCopy;
};

/** What a decision about a case may know: the time, the actor, and what its command makes it ask of others. */
export const caseContext = (sources: Sources): ContextFor<CaseState, CaseContext, CaseCommand> => {
  const contact = async (asking: Attempt, id: string, held = ""): Promise<Reference> =>
    id === "" || id === held
      ? "KNOWN"
      : (await findCopied(sources.accounts, "contacts", { ...asking, id }, asking)).reference;
  const product = async (asking: Attempt, id: string, held = ""): Promise<Reference> =>
    id === "" || id === held
      ? "KNOWN"
      : (await findCopied(sources.products, "products", { ...asking, id }, asking)).reference;

  const ofNew = async (asking: Attempt, given: Case): Promise<Partial<CaseContext>> => {
    const { tenant } = asking;
    const [account, contactReference, productReference, covers, timeZone] = await Promise.all([
      findCopied(sources.accounts, "accounts", { ...asking, id: given.accountId }, asking),
      contact(asking, given.contactId),
      product(asking, given.productId),
      coversOf(sources.covers, tenant, given.accountId),
      timeZoneOf(sources.tenants, tenant),
    ]);
    const { reference: assigneeReference, assignee } =
      given.assigneeId === ""
        ? await agentForNewCase(sources, tenant, account.row?.ownerId ?? "")
        : await assigneeNamed(sources.users, asking, given.assigneeId);
    const references = {
      account: account.reference,
      contact: contactReference,
      product: productReference,
      assignee: assigneeReference,
    };
    // A refused case takes no number.
    const isAccepted = Object.values(references).every((reference) => reference === "KNOWN");
    const number = isAccepted ? shownNumber(await sources.number(tenant)) : "";
    return { references, assignee, covers, timeZone, number };
  };

  return async (attempt, state, command) => {
    const { tenant, now, actor } = attempt;
    const unasked: CaseContext = {
      now,
      actor,
      number: "",
      timeZone: "UTC",
      covers: [],
      references: { account: "KNOWN", contact: "KNOWN", product: "KNOWN", assignee: "KNOWN" },
      assignee: undefined,
    };
    switch (command.type) {
      case "CreateCase":
        return command.case === undefined ? unasked : { ...unasked, ...(await ofNew(attempt, command.case)) };
      case "UpdateCase": {
        const { contactId = "", productId = "" } = command.case ?? {};
        const [contactReference, productReference] = await Promise.all([
          contact(attempt, contactId, state?.contactId),
          product(attempt, productId, state?.productId),
        ]);
        return {
          ...unasked,
          references: { ...unasked.references, contact: contactReference, product: productReference },
        };
      }
      case "AssignCase": {
        if (command.assigneeId === state?.assigneeId) return unasked;
        const { reference, assignee } = await assigneeNamed(sources.users, attempt, command.assigneeId);
        return { ...unasked, references: { ...unasked.references, assignee: reference }, assignee };
      }
      case "RouteCase": {
        const owned = await sources.accounts.tables().accounts.findOne({ _id: state?.accountId ?? "", tenant });
        return { ...unasked, assignee: (await agentForNewCase(sources, tenant, owned?.ownerId ?? "")).assignee };
      }
      case "CheckCover": {
        const [covers, timeZone] = await Promise.all([
          coversOf(sources.covers, tenant, state?.accountId ?? ""),
          timeZoneOf(sources.tenants, tenant),
        ]);
        return { ...unasked, covers, timeZone };
      }
      default:
        return unasked;
    }
  };
};

/** `CS-000042`; longer once a tenant has had a million cases. */
const shownNumber = (number: bigint): string => `CS-${String(number).padStart(6, "0")}`;
