import type { Policy } from "@keynode/contracts/crm/identity/v1/policy";
import type { PolicyRaised } from "@keynode/contracts/crm/identity/v1/policy_events";
import type { Decider, Tagged } from "@keynode/decider/decider";
import { appendBounded } from "@keynode/decider/record";

/** Events that a policy remembers having been raised by; one that comes again later than that raises it once more. */
const rememberedCauses = 100;

/** The policy as stored: the resource, and which events raised it last. */
export type PolicyState = Policy & { causes?: string[] | undefined };

/** An event changed what somebody may do. */
export type RaisePolicy = { readonly type: "RaisePolicy"; readonly cause: string };

export type PolicyEvent = Tagged<{ PolicyRaised: PolicyRaised & { cause?: string | undefined } }>;

/** Law 8. Each event that changes rights raises the version once. */
export const policyDecider: Decider<RaisePolicy, PolicyState, PolicyEvent, unknown> = {
  decide: ({ cause }, state) =>
    state?.causes?.includes(cause)
      ? []
      : [{ type: "PolicyRaised", policyVersion: (state?.policyVersion ?? 0) + 1, cause }],
  evolve: (state = blank, { policyVersion, cause }) => ({
    ...state,
    policyVersion,
    causes: cause === undefined ? state.causes : appendBounded(state.causes ?? [], cause, rememberedCauses),
  }),
};

const blank: PolicyState = {
  id: "",
  ownerId: "",
  teamId: "",
  etag: "",
  policyVersion: 0,
};
