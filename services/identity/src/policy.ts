import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import { derivedId } from "@keynode/aggregate/type-id";
import * as codecs from "@keynode/contracts/crm/identity/v1/policy_events";
import { policyDecider, type PolicyEvent, type PolicyState, type RaisePolicy } from "./domain/policy/policy.ts";

export const policyAggregate = defineAggregate<PolicyState, RaisePolicy, PolicyEvent, unknown>({
  name: "policy",
  collection: "policies",
  decider: policyDecider,
  events: codecs,
});

export type PolicyStore = Store<PolicyState, RaisePolicy, PolicyEvent, unknown>;

/** A tenant has one policy. */
export const policyIdOf = (tenant: string): string => derivedId("policy", tenant);
