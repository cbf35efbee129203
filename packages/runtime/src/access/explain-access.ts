import type { Access } from "@keynode/auth/access";
import type { Principal } from "@keynode/auth/principal";
import { type AccessRule, ruleFor } from "@keynode/auth/visibility";
import {
  type ExplainAccessRequest,
  ExplainAccessResponse,
  ExplainAccessResponse_Rule as Rule,
} from "@keynode/contracts/crm/chassis/v1/access_service";
import { registry, resourceRules } from "@keynode/contracts/descriptors";
import { typeOfId } from "@keynode/contracts/record-types";
import { type MessagePlan, planCompiler } from "@keynode/grpc/masking/message-plan";
import { sightOf } from "@keynode/grpc/masking/sight";
import type { AggregateDocument } from "@keynode/messaging/entry";
import { camelCase } from "@keynode/query/field";
import type { Collection, Filter } from "mongodb";
import type { KeptResource } from "../resources.ts";
import { hasExpired, type ShareState } from "../shares/share.ts";
import { principalOf } from "./subject.ts";
import type { TeamTrees } from "./team-trees.ts";

export type ExplainParts = {
  readonly access: Access;
  readonly trees: TeamTrees;
  readonly shares: Collection<AggregateDocument<ShareState>>;
  readonly resources: ReadonlyMap<string, KeptResource>;
  readonly now: () => Date;
};

/** Decides as a real call would, and tells by what. */
export type ExplainAccess = (request: ExplainAccessRequest) => Promise<ExplainAccessResponse>;

const rules: Readonly<Record<AccessRule, Rule>> = {
  all: Rule.ALL,
  own: Rule.OWN,
  team: Rule.TEAM,
  shared: Rule.SHARED,
};

export const explainAccess = ({ access, trees, shares, resources, now }: ExplainParts): ExplainAccess => {
  const byType = new Map([...resources.values()].map((resource) => [resource.rules.type, resource]));
  const plans = sensitivePlans();

  /** Of the shares that open the record to the subject, the one that reaches farthest. */
  const widestShare = async ({ tenant, actor, teams }: Principal, recordId: string, writes: boolean) => {
    const grantees = [actor, ...(await trees.of(tenant)).lineage(teams)];
    const live = {
      tenant,
      "state.recordId": recordId,
      "state.grantee": { $in: grantees },
      "state.deleteTime": null,
      ...(writes && { "state.access": "WRITE" }),
    } as Filter<AggregateDocument<ShareState>>;
    const found = await shares.find(live).toArray();
    const [widest] = found
      .map(({ state }) => state)
      .filter((share) => !hasExpired(share, now()))
      .toSorted(
        (a, b) =>
          Number(b.access === "WRITE") - Number(a.access === "WRITE") ||
          (b.expireTime?.getTime() ?? Number.POSITIVE_INFINITY) - (a.expireTime?.getTime() ?? Number.POSITIVE_INFINITY),
      );
    return widest;
  };

  return async ({ tenant, subject, permission, writes, recordId }) => {
    const resource = byType.get(typeOfId(recordId));
    const record = (await resource?.store.get(tenant, recordId, { kind: "all" }))?.state;
    const principal = principalOf(tenant, subject);
    const right = await access.rightTo(principal, { permission, effect: writes ? "WRITE" : "READ" });
    const rule = record && right && ruleFor(right.visibility, record);
    if (resource === undefined || record === undefined || right === undefined || rule === undefined) {
      return ExplainAccessResponse.fromPartial({ exists: record !== undefined });
    }
    const { collection } = resource.rules;
    const share = rule === "shared" ? await widestShare(principal, recordId, writes) : undefined;
    const sight = sightOf({ principal, within: right.within, actor: principal.actor }, new Set([collection]));
    return {
      exists: true,
      rule: rules[rule],
      teamPath: rule === "team" ? [...((await trees.of(tenant)).path(principal.teams, record.teamId) ?? [])] : [],
      shareId: share?.id ?? "",
      sharedBy: share?.ownerId ?? "",
      shareExpireTime: share?.expireTime,
      parentId: rule === "own" || rule === "team" ? parentOf(resource, record) : "",
      maskedFields: sight.reaches(collection, record) ? [] : [...(plans.get(collection) ?? [])],
    };
  };
};

/** The record that this one goes with (`ownership: PARENT`); empty where there is none. */
const parentOf = ({ rules: { parentFields } }: KeptResource, record: object): string => {
  const values = new Map(Object.entries(record));
  const named = parentFields.map((name) => values.get(camelCase(name)));
  return named.map((id) => (typeof id === "string" ? id : "")).find((id) => id !== "") ?? "";
};

/** Names of each collection's sensitive fields, nested ones dotted, as JSON has them. */
const sensitivePlans = (): ReadonlyMap<string, readonly string[]> => {
  const compile = planCompiler();
  return new Map(
    [...registry()].flatMap((message) => {
      const collection = message.kind === "message" ? resourceRules(message)?.collection : undefined;
      const plan = message.kind === "message" && collection !== undefined ? compile(message) : undefined;
      return collection === undefined || plan === undefined ? [] : [[collection, namesIn(plan)]];
    }),
  );
};

const namesIn = ({ sensitive, inner }: MessagePlan, prefix = ""): string[] => [
  ...sensitive.map(({ name }) => prefix + name),
  // What lies within another record is masked by that record's own rules.
  ...inner.flatMap(({ name, plan }) => (plan.collection === undefined ? namesIn(plan, `${prefix}${name}.`) : [])),
];
