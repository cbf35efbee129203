import type { Committed } from "@keynode/aggregate/store";
import { normaliseEmail } from "@keynode/api/contact-point";
import { User } from "@keynode/contracts/crm/identity/v1/user";
import type { ScimServiceService } from "@keynode/contracts/crm/identity/v1/scim_service";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";
import type { Handlers } from "@keynode/grpc/implement";
import { mayCompare, sensitiveRight } from "@keynode/grpc/masking/sight";
import type { AggregateDocument } from "@keynode/messaging/entry";
import type { Filter } from "mongodb";
import type { Contexts } from "../api/contexts.ts";
import type { UserState } from "../domain/user/state.ts";
import type { UserStore } from "../user.ts";
import { type Comparison, parseFilter } from "./attribute-path.ts";
import { operationsIn } from "./patch-operations.ts";
import { listAnswer, nothing, pageOf, scimAnswer, selected } from "./scim-answer.ts";
import { scimHandler, scopesOf } from "./scim-call.ts";
import { objectIn } from "./scim-json.ts";
import type { ScimSight } from "./scim-sight.ts";
import {
  draftIn,
  draftOf,
  factsOf,
  patchedDraft,
  type UserDraft,
  type UserFacts,
  userResource,
} from "./user-resource.ts";

type UserRpc = "findScimUsers" | "getScimUser" | "addScimUser" | "replaceScimUser" | "patchScimUser" | "removeScimUser";

/** What SCIM does with users: the commands that UserService has, in SCIM's words. */
export const scimUsers = (
  users: UserStore,
  context: Contexts["user"],
  sight: ScimSight,
): Pick<Handlers<typeof ScimServiceService>, UserRpc> => {
  const present = async (tenant: string, id: string): Promise<Committed<UserState> | DomainError> => {
    const found = await users.get(tenant, id, { kind: "all" });
    return found === undefined || found.state.deleteTime !== undefined ? reject("NOT_FOUND", { id }) : found;
  };

  const answer = async ({ state, version }: Committed<UserState>, call: Call) => {
    const [shown = state] = await sight.users([state], call);
    return scimAnswer(userResource(shown, version), { status: 200, etag: String(version) });
  };

  const made = ({ state, version }: Committed<UserState>, call: Call) => {
    const resource = userResource(sight.echoed(state, call), version);
    return scimAnswer(resource, { status: 201, etag: String(version), location: resource.meta.location });
  };

  /** Makes a user what the facts say: its fields first, since only they can be refused, then whether it may sign in. */
  const changed = async (
    { state }: Committed<UserState>,
    { active = state.active, ...facts }: UserFacts,
    call: Call,
  ) => {
    const scopes = scopesOf(call);
    if (isDomainError(scopes)) return scopes;
    const { id } = state;
    const user = User.fromPartial({ ...state, ...facts });
    const edited = await users.execute(
      id,
      { type: "UpdateUser", user, updateMask: writableFields },
      scopes.first,
      context,
    );
    if (isDomainError(edited) || active === edited.state.active) return edited;
    const type = active ? "ActivateUser" : "DeactivateUser";
    return await users.execute(id, { type, id, etag: "" }, scopes.next, context);
  };

  /** A write to one user: `next` says what SCIM may write of it afterwards. */
  const written = async (id: string, call: Call, next: (before: UserDraft) => UserDraft | DomainError) => {
    const found = await present(call.tenant, id);
    if (isDomainError(found)) return found;
    const draft = next(draftOf(found.state));
    const facts = isDomainError(draft) ? draft : factsOf(draft, call);
    const outcome = isDomainError(facts) ? facts : await changed(found, facts, call);
    return isDomainError(outcome) ? outcome : await answer(outcome, call);
  };

  return {
    findScimUsers: scimHandler(async ({ filter, startIndex, count, ...wish }, call) => {
      const { tenant } = call;
      const where = filterOf(filter);
      if (where === undefined) return reject("SCIM_FILTER_INVALID");
      if (where.isSensitive && !mayCompare(call, "users")) return filterConcealed();
      const query: Filter<AggregateDocument<UserState>> = {
        ...where.conditions,
        tenant,
        "state.deleteTime": null,
      } as never;
      const page = pageOf({ startIndex, count });
      const [rows, total] = await Promise.all([
        page.count === 0
          ? []
          : users.collection
              .find(query)
              .sort({ _id: 1 })
              .skip(page.startIndex - 1)
              .limit(page.count)
              .toArray(),
        users.collection.countDocuments(query),
      ]);
      const shown = await sight.users(
        rows.map(({ state }) => state as UserState),
        call,
      );
      const resources = shown.map((state, index) => selected(userResource(state, rows[index]?.version ?? 0), wish));
      return listAnswer(resources, total, page.startIndex);
    }),
    getScimUser: scimHandler(async ({ userId, ...wish }, call) => {
      const found = await present(call.tenant, userId);
      if (isDomainError(found)) return found;
      const { state, version } = found;
      const [shown = state] = await sight.users([state], call);
      return scimAnswer(selected(userResource(shown, version), wish), { status: 200, etag: String(version) });
    }),
    addScimUser: scimHandler(async ({ resource }, call) => {
      const body = objectIn(resource);
      const facts = isDomainError(body) ? body : factsOf(draftIn(body), call);
      if (isDomainError(facts)) return facts;
      const scopes = scopesOf(call);
      if (isDomainError(scopes)) return scopes;
      const { active, ...given } = facts;
      const created = await users.create({ type: "CreateUser", user: User.fromPartial(given) }, scopes.first, context);
      if (isDomainError(created) || active !== false) return isDomainError(created) ? created : made(created, call);
      const { id } = created.state;
      const barred = await users.execute(id, { type: "DeactivateUser", id, etag: "" }, scopes.next, context);
      return isDomainError(barred) ? barred : made(barred, call);
    }),
    replaceScimUser: scimHandler(async ({ userId, resource }, call) => {
      const body = objectIn(resource);
      return isDomainError(body) ? body : await written(userId, call, () => draftIn(body));
    }),
    patchScimUser: scimHandler(async ({ userId, resource }, call) => {
      const body = objectIn(resource);
      const operations = isDomainError(body) ? body : operationsIn(body);
      if (isDomainError(operations)) return operations;
      return await written(userId, call, (before) => patchedDraft(before, operations));
    }),
    removeScimUser: scimHandler(async ({ userId: id }, call) => {
      const found = await present(call.tenant, id);
      // A repeat under its key finds gone what it took away.
      if (isDomainError(found) && call.idempotencyKey === undefined) return found;
      const scopes = scopesOf(call);
      if (isDomainError(scopes)) return scopes;
      const outcome = await users.execute(id, { type: "DeleteUser", id, etag: "" }, scopes.first, context);
      return isDomainError(outcome) ? outcome : nothing();
    }),
  };
};

/** The fields that SCIM writes, as an update names them. */
const writableFields = ["email", "name", "given_name", "family_name", "external_key", "language", "manager_id"];

/** The conditions of a filter, and whether it compares sensitive values; undefined when it asks what no index answers. */
const filterOf = (
  filter: string,
): { readonly conditions: Record<string, unknown>; readonly isSensitive: boolean } | undefined => {
  if (filter === "") return { conditions: {}, isSensitive: false };
  const comparisons = parseFilter(filter);
  const conditions = comparisons?.map(conditionOf);
  return conditions?.every((each) => each !== undefined)
    ? { conditions: { $and: conditions }, isSensitive: comparisons?.some(comparesEmail) ?? false }
    : undefined;
};

const comparesEmail = ({ path: { attribute } }: Comparison): boolean =>
  attribute === "username" || attribute === "emails";

/** Whoever compares learns the value, if only by asking often. */
const filterConcealed = (): DomainError =>
  reject("PERMISSION_DENIED", { permission: sensitiveRight("users") }, [
    { field: "filter", reason: "FIELD_CONCEALED" },
  ]);

const conditionOf = ({ path, value }: Comparison): Record<string, unknown> | undefined => {
  const name = [path.attribute, path.sub].filter((part) => part !== "").join(".");
  if (path.values !== undefined) return undefined;
  if (name === "active") return { "state.active": typeof value === "boolean" ? value : value.toLowerCase() === "true" };
  if (typeof value !== "string") return undefined;
  switch (name) {
    case "id":
      return { _id: value };
    case "username":
    case "emails":
    case "emails.value":
      return { "state.matchKeys": `email:${normaliseEmail(value)}` };
    case "externalid":
      return { "state.matchKeys": `external:${value}` };
    default:
      return undefined;
  }
};
