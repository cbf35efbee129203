import { type Grants, grantedScope, type Scope } from "@keynode/auth/principal";
import { maySee } from "@keynode/auth/visibility";
import {
  type ExplainAccessResponse,
  ExplainAccessResponse_Rule as AccessRule,
} from "@keynode/contracts/crm/chassis/v1/access_service";
import {
  type ExplainPermissionRequest,
  Explanation,
  Explanation_Missing as Missing,
  type PermissionServiceService,
  Explanation_Rule as Rule,
  Explanation_Scope as ScopeName,
} from "@keynode/contracts/crm/identity/v1/permission_service";
import { methodRules, registry } from "@keynode/contracts/descriptors";
import { recordTypeOf } from "@keynode/contracts/record-types";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";
import type { Handlers } from "@keynode/grpc/implement";
import { subjectOf } from "@keynode/runtime/access/subject";
import { unlessAway } from "@keynode/runtime/peers";
import type { ServiceTools } from "@keynode/runtime/service-definition";
import type { Callers, Holdings } from "../callers.ts";
import { grantsOf, type Rights } from "../domain/rights.ts";

/** What is to be explained: a permission, and whether its use changes data. */
type Asked = { readonly permission: string; readonly writes: boolean };

const scopeNames: Readonly<Record<Scope, ScopeName>> = {
  own: ScopeName.OWN,
  team: ScopeName.TEAM,
  all: ScopeName.ALL,
};
const rules: Readonly<Partial<Record<AccessRule, Rule>>> = {
  [AccessRule.ALL]: Rule.EVERY_RECORD,
  [AccessRule.OWN]: Rule.OWN_RECORD,
  [AccessRule.TEAM]: Rule.TEAM_RECORD,
  [AccessRule.SHARED]: Rule.SHARED_RECORD,
};
const reaches: readonly Scope[] = ["all", "team", "own"];

/** One entry per rpc of PermissionService. */
export const permissionApi = (
  callers: Pick<Callers, "holdings">,
  { peers }: Pick<ServiceTools, "peers">,
): Handlers<typeof PermissionServiceService> => {
  const declared = declaredPermissions();

  const decided = async (
    call: Call,
    { actorId, recordId }: { readonly actorId: string; readonly recordId: string },
    { permission, writes }: Asked,
    { teams, rights }: Holdings,
  ): Promise<ExplainAccessResponse | DomainError> => {
    const service = recordTypeOf(recordId)?.service;
    if (service === undefined) return { ...nothing };
    const subject = subjectOf({ actor: actorId, teams, grants: scopesOf(rights) });
    const asking = peers.access(service).explain({ tenant: call.tenant, subject, permission, writes, recordId });
    return await unlessAway(service, asking);
  };

  return {
    explainPermission: async (request, call) => {
      const asked = askedOf(request, declared);
      if (isDomainError(asked)) return asked;
      const actorId = request.actorId || call.actor;
      const holder = await callers.holdings(call.tenant, actorId);
      const isSelf = actorId === call.actor;
      if (holder === undefined || (!isSelf && !maySee(call.visibility, holder.record))) {
        return reject("NOT_FOUND", { id: actorId });
      }
      const scope = grantedScope({ grants: scopesOf(holder.rights) }, asked.permission);
      const base = Explanation.fromPartial({
        actorId,
        permission: asked.permission,
        scope: scope === undefined ? ScopeName.SCOPE_UNSPECIFIED : scopeNames[scope],
        grants: grantingRoles(holder, asked.permission),
      });
      if (holder.isBarred) return { ...base, missing: Missing.ACTIVE_ACTOR };
      if (scope === undefined) return { ...base, missing: Missing.GRANT };
      const { recordId } = request;
      if (recordId === "") return { ...base, allowed: true };
      const decision = await decided(call, { actorId, recordId }, asked, holder);
      if (isDomainError(decision)) return decision;
      const { exists, rule, teamPath, shareId, sharedBy, shareExpireTime, maskedFields, parentId } = decision;
      const found = rules[rule];
      if (found === undefined) {
        // Whether there is a record that somebody does not reach is told to those who reach all.
        const tells = call.scope === "all";
        return { ...base, missing: tells && !exists ? Missing.RECORD : Missing.REACH };
      }
      return {
        ...base,
        allowed: true,
        rule: found,
        teamPath,
        shareId,
        sharedBy,
        shareExpireTime,
        maskedFields,
        parentId,
      };
    },
  };
};

const nothing: ExplainAccessResponse = {
  rule: AccessRule.RULE_UNSPECIFIED,
  teamPath: [],
  shareId: "",
  sharedBy: "",
  shareExpireTime: undefined,
  maskedFields: [],
  parentId: "",
  exists: false,
};

/** Errors: INVALID_REQUEST unless exactly one of permission and method is named; UNKNOWN_PERMISSION. */
const askedOf = (
  { permission, method }: ExplainPermissionRequest,
  declared: ReadonlyMap<string, Asked>,
): Asked | DomainError => {
  const fields = ["permission", "method"];
  if ((permission === "") === (method === "")) {
    return reject(
      "INVALID_REQUEST",
      {},
      fields.map((field) => ({ field, reason: "PERMISSION_OR_METHOD" })),
    );
  }
  const reason = "UNKNOWN_PERMISSION";
  return (
    declared.get(permission || method) ?? reject(reason, {}, [{ field: permission ? "permission" : "method", reason }])
  );
};

/** By permission and by method: what the contract says of each; a permission that any method writes by, writes. */
const declaredPermissions = (): ReadonlyMap<string, Asked> => {
  const declared = new Map<string, Asked>();
  for (const service of registry()) {
    if (service.kind !== "service") continue;
    for (const method of service.methods) {
      const found = methodRules(method);
      if (found === undefined || found.permission === "" || found.internal) continue;
      const { permission } = found;
      const writes = found.effect !== "READ";
      declared.set(`${service.typeName}/${method.name}`, { permission, writes });
      declared.set(permission, { permission, writes: writes || (declared.get(permission)?.writes ?? false) });
    }
  }
  return declared;
};

/** Rights as tokens carry them, which the engine decides by. */
const scopesOf = (rights: Rights): Grants =>
  Object.fromEntries(grantsOf(rights).map(({ permission, scope }) => [permission, scope.toLowerCase() as Scope]));

const grantingRoles = ({ sources }: Holdings, permission: string): Explanation["grants"] =>
  sources
    .flatMap(({ roleId, roleName, rights }) => {
      const scope = grantedScope({ grants: scopesOf(rights) }, permission);
      return scope === undefined ? [] : [{ roleId, roleName, reach: scope }];
    })
    .toSorted((a, b) => reaches.indexOf(a.reach) - reaches.indexOf(b.reach))
    .map(({ reach, ...role }) => ({ ...role, scope: scopeNames[reach] }));
