import type { Attempt } from "@keynode/aggregate/store";
import { findCopied } from "@keynode/api/copied";
import type { Line } from "@keynode/contracts/crm/contract/v1/line";
import type { Reference } from "@keynode/decider/reference";
import type { References } from "../domain/references.ts";
import type { ProductStore } from "../product.ts";
import type { AccountCopy } from "@keynode/runtime/copies/accounts";
import type { OpportunityCopy } from "../projections/opportunity.ts";
import { type TenantCopy, timeZoneOf } from "@keynode/runtime/copies/tenants";

/** For whom something is looked up, and how long that may take. */
export type Asking = Pick<Attempt, "tenant" | "now" | "deadline">;

/** What a command names, as far as that has to be there. */
export type Named = {
  readonly accountId?: string | undefined;
  readonly opportunityId?: string | undefined;
  readonly lines?: readonly Line[] | undefined;
};

/** What is known of what a command names, and whether its deal is lost. */
export type Looked = References & { readonly isOpportunityLost: boolean };

/** What the rules of contracts and purchases ask of other records. */
export type Lookup = {
  named(asking: Asking, named: Named): Promise<Looked>;
  timeZone(asking: Asking): Promise<string>;
};

/** The answer for a command that names nothing. */
export const nothingNamed: Looked = {
  account: "KNOWN",
  opportunity: "KNOWN",
  isOpportunityLost: false,
  missingProductIds: [],
};

export const openLookup = (
  products: ProductStore,
  accounts: AccountCopy,
  opportunities: OpportunityCopy,
  tenants: TenantCopy,
): Lookup => {
  const account = async (asking: Asking, id: string): Promise<Reference> =>
    id === "" ? "KNOWN" : (await findCopied(accounts, "accounts", { tenant: asking.tenant, id }, asking)).reference;

  const opportunity = async (
    asking: Asking,
    id: string,
  ): Promise<Pick<Looked, "opportunity" | "isOpportunityLost">> => {
    if (id === "") return { opportunity: "KNOWN", isOpportunityLost: false };
    const found = await findCopied(opportunities, "opportunities", { tenant: asking.tenant, id }, asking);
    return { opportunity: found.reference, isOpportunityLost: found.row?.isLost ?? false };
  };

  const missingProducts = async ({ tenant }: Asking, lines: readonly Line[]): Promise<string[]> => {
    const ids = [...new Set(lines.map(({ productId }) => productId))];
    if (ids.length === 0) return [];
    const there = await products.collection
      .find({ tenant, _id: { $in: ids }, "state.deleteTime": { $exists: false } }, { projection: { _id: 1 } })
      .toArray();
    return ids.filter((id) => !there.some(({ _id }) => _id === id));
  };

  return {
    named: async (asking, { accountId = "", opportunityId = "", lines = [] }) => {
      const [known, deal, missingProductIds] = await Promise.all([
        account(asking, accountId),
        opportunity(asking, opportunityId),
        missingProducts(asking, lines),
      ]);
      return { account: known, ...deal, missingProductIds };
    },
    timeZone: ({ tenant }) => timeZoneOf(tenants, tenant),
  };
};
