import type { CommandScope } from "@keynode/aggregate/command-scope";
import type { Committed } from "@keynode/aggregate/store";
import { Team } from "@keynode/contracts/crm/identity/v1/team";
import type { ScimServiceService } from "@keynode/contracts/crm/identity/v1/scim_service";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";
import type { Handlers } from "@keynode/grpc/implement";
import type { AggregateDocument } from "@keynode/messaging/entry";
import { sortKey } from "@keynode/query/sort-key";
import type { Filter } from "mongodb";
import type { Contexts } from "../api/contexts.ts";
import type { TeamState } from "../domain/team/team.ts";
import type { Stores } from "../stores.ts";
import { type Comparison, parseFilter } from "./attribute-path.ts";
import {
  type GroupDraft,
  groupDraftIn,
  groupDraftOf,
  groupFactsOf,
  groupResource,
  type Member,
  movesOf,
  patchedGroup,
} from "./group-resource.ts";
import { operationsIn } from "./patch-operations.ts";
import { listAnswer, nothing, pageOf, scimAnswer, selected } from "./scim-answer.ts";
import { scimHandler, scopesOf } from "./scim-call.ts";
import { objectIn } from "./scim-json.ts";
import { valuesInvalid } from "./scim-refusal.ts";

type GroupRpc =
  | "findScimGroups"
  | "getScimGroup"
  | "addScimGroup"
  | "replaceScimGroup"
  | "patchScimGroup"
  | "removeScimGroup";

/** Members that one request may bring in or take out, and that an answer may list. */
const maxMoves = 1_000;
const maxMembers = 10_000;
/** Users who are moved at the same time. */
const parallel = 8;

/** What SCIM does with groups, which are teams; who is in one is a fact of each user. */
export const scimGroups = (
  { teams, users }: Pick<Stores, "teams" | "users">,
  contexts: Pick<Contexts, "team" | "user">,
): Pick<Handlers<typeof ScimServiceService>, GroupRpc> => {
  const present = async (tenant: string, id: string): Promise<Committed<TeamState> | DomainError> => {
    const found = await teams.get(tenant, id, { kind: "all" });
    return found === undefined || found.state.deleteTime !== undefined ? reject("NOT_FOUND", { id }) : found;
  };

  /** Who is in the teams, by team. Errors: SCIM_TOO_MANY beyond ten thousand. */
  const membersOf = async (
    tenant: string,
    teamIds: readonly string[],
  ): Promise<ReadonlyMap<string, readonly Member[]> | DomainError> => {
    const byTeam = new Map(teamIds.map((id): [string, Member[]] => [id, []]));
    if (teamIds.length === 0) return byTeam;
    const found = await users.collection
      .find({ tenant, "state.teamIds": { $in: [...teamIds] }, "state.deleteTime": null } as never, {
        projection: { "state.name": 1, "state.teamIds": 1 },
      })
      .limit(maxMembers + 1)
      .toArray();
    if (found.length > maxMembers) return reject("SCIM_TOO_MANY", { limit: String(maxMembers) });
    for (const { _id: id, state } of found) {
      for (const teamId of state.teamIds) byTeam.get(teamId)?.push({ id, name: state.name });
    }
    return byTeam;
  };

  const answer = async (tenant: string, { state, version }: Committed<TeamState>, wish: Wish, status = 200) => {
    const members = wantsMembers(wish) ? await membersOf(tenant, [state.id]) : undefined;
    if (isDomainError(members)) return members;
    const resource = groupResource(state, version, members?.get(state.id));
    const { location } = resource.meta;
    return scimAnswer(selected(resource, wish), { status, etag: String(version), ...(status === 201 && { location }) });
  };

  /** Refuses users whom the tenant does not have, and more moves than one request may make. */
  const checkedMoves = async (tenant: string, teamId: string, draft: GroupDraft) => {
    if (draft.members === undefined && draft.moves.length === 0) return { joining: [], leaving: [] };
    const members = await membersOf(tenant, [teamId]);
    if (isDomainError(members)) return members;
    const moves = movesOf(draft, new Set(members.get(teamId)?.map(({ id }) => id)));
    const { joining, leaving } = moves;
    if (joining.length + leaving.length > maxMoves) return reject("SCIM_TOO_MANY", { limit: String(maxMoves) });
    const known = await users.collection.countDocuments({ _id: { $in: joining }, tenant, "state.deleteTime": null });
    return known === joining.length ? moves : valuesInvalid(["members"]);
  };

  const move = async (
    teamId: string,
    { joining, leaving }: { readonly joining: readonly string[]; readonly leaving: readonly string[] },
    scope: CommandScope,
  ): Promise<DomainError | undefined> => {
    const queue = [
      ...joining.map((id) => ({ id, joined: [teamId], left: [] })),
      ...leaving.map((id) => ({ id, joined: [], left: [teamId] })),
    ];
    let refusal: DomainError | undefined;
    let next = 0;
    const work = async (): Promise<void> => {
      for (let each = queue[next++]; each !== undefined && refusal === undefined; each = queue[next++]) {
        const { id, ...change } = each;
        const outcome = await users.execute(id, { type: "ChangeTeams", ...change }, scope, contexts.user);
        if (isDomainError(outcome)) refusal ??= outcome;
      }
    };
    await Promise.all(Array.from({ length: parallel }, work));
    return refusal;
  };

  const written = async (id: string, call: Call, next: (before: GroupDraft) => GroupDraft | DomainError) => {
    const { tenant } = call;
    const found = await present(tenant, id);
    if (isDomainError(found)) return found;
    const draft = next(groupDraftOf(found.state));
    if (isDomainError(draft)) return draft;
    const facts = groupFactsOf(draft);
    if (isDomainError(facts)) return facts;
    const moves = await checkedMoves(tenant, id, draft);
    if (isDomainError(moves)) return moves;
    const scopes = scopesOf(call);
    if (isDomainError(scopes)) return scopes;
    const team = Team.fromPartial({ ...found.state, ...facts });
    const updateMask = ["name", "external_key"];
    const outcome = await teams.execute(id, { type: "UpdateTeam", team, updateMask }, scopes.first, contexts.team);
    if (isDomainError(outcome)) return outcome;
    return (await move(id, moves, scopes.next)) ?? (await answer(tenant, outcome, everything));
  };

  return {
    findScimGroups: scimHandler(async ({ filter, startIndex, count, ...wish }, { tenant }) => {
      const where = filterOf(filter);
      if (where === undefined) return reject("SCIM_FILTER_INVALID");
      const page = pageOf({ startIndex, count });
      const { memberId, ...conditions } = where;
      const query: Filter<AggregateDocument<TeamState>> = { ...conditions, tenant, "state.deleteTime": null } as never;
      if (memberId !== undefined) {
        const member = await users.get(tenant, memberId, { kind: "all" });
        Object.assign(query, { _id: { $in: member?.state.teamIds ?? [], ...(where._id && { $eq: where._id }) } });
      }
      const [rows, total] = await Promise.all([
        page.count === 0
          ? []
          : teams.collection
              .find(query)
              .sort({ _id: 1 })
              .skip(page.startIndex - 1)
              .limit(page.count)
              .toArray(),
        teams.collection.countDocuments(query),
      ]);
      const ids = rows.map(({ _id }) => _id);
      const members = wantsMembers(wish) ? await membersOf(tenant, ids) : undefined;
      if (isDomainError(members)) return members;
      const resources = rows.map(({ _id, state, version }) =>
        selected(groupResource(state as TeamState, version, members?.get(_id)), wish),
      );
      return listAnswer(resources, total, page.startIndex);
    }),
    getScimGroup: scimHandler(async ({ groupId, ...wish }, { tenant }) => {
      const found = await present(tenant, groupId);
      return isDomainError(found) ? found : await answer(tenant, found, wish);
    }),
    addScimGroup: scimHandler(async ({ resource }, call) => {
      const body = objectIn(resource);
      const draft = isDomainError(body) ? body : groupDraftIn(body);
      if (isDomainError(draft)) return draft;
      const facts = groupFactsOf(draft);
      if (isDomainError(facts)) return facts;
      const moves = await checkedMoves(call.tenant, "", draft);
      if (isDomainError(moves)) return moves;
      const scopes = scopesOf(call);
      if (isDomainError(scopes)) return scopes;
      const team = Team.fromPartial({ ...facts, ownerId: call.actor });
      const made = await teams.create({ type: "CreateTeam", team }, scopes.first, contexts.team);
      if (isDomainError(made)) return made;
      const refusal = await move(made.state.id, moves, scopes.next);
      return refusal ?? (await answer(call.tenant, made, everything, 201));
    }),
    replaceScimGroup: scimHandler(async ({ groupId, resource }, call) => {
      const body = objectIn(resource);
      return isDomainError(body) ? body : await written(groupId, call, () => groupDraftIn(body));
    }),
    patchScimGroup: scimHandler(async ({ groupId, resource }, call) => {
      const body = objectIn(resource);
      const operations = isDomainError(body) ? body : operationsIn(body);
      if (isDomainError(operations)) return operations;
      return await written(groupId, call, (before) => patchedGroup(before, operations));
    }),
    removeScimGroup: scimHandler(async ({ groupId: id }, call) => {
      const found = await present(call.tenant, id);
      // A repeat under its key finds gone what it took away, and nobody left to move.
      if (isDomainError(found) && call.idempotencyKey === undefined) return found;
      const scopes = scopesOf(call);
      if (isDomainError(scopes)) return scopes;
      if (!isDomainError(found)) {
        const moves = await checkedMoves(call.tenant, id, { ...groupDraftOf(found.state), members: [] });
        const refusal = isDomainError(moves) ? moves : await move(id, moves, scopes.next);
        if (refusal !== undefined) return refusal;
      }
      const outcome = await teams.execute(id, { type: "DeleteTeam", id, etag: "" }, scopes.first, contexts.team);
      return isDomainError(outcome) ? outcome : nothing();
    }),
  };
};

type Wish = { readonly attributes: string; readonly excludedAttributes: string };

const everything: Wish = { attributes: "", excludedAttributes: "" };

/** Listing members costs most: providers that only look a group up leave them out. */
const wantsMembers = (wish: Wish): boolean => "members" in selected({ members: true }, wish);

type Conditions = { readonly _id?: string; readonly memberId?: string; readonly [field: string]: unknown };

/** The conditions of a filter; undefined when it asks what no index answers. */
const filterOf = (filter: string): Conditions | undefined => {
  if (filter === "") return {};
  const conditions = parseFilter(filter)?.map(conditionOf);
  return conditions?.every((each) => each !== undefined) ? Object.assign({}, ...conditions) : undefined;
};

const conditionOf = ({ path, value }: Comparison): Conditions | undefined => {
  if (path.values !== undefined || typeof value !== "string") return undefined;
  switch ([path.attribute, path.sub].filter((part) => part !== "").join(".")) {
    case "id":
      return { _id: value };
    case "displayname":
      return { "state.nameKey": sortKey(value), "state.name": value };
    case "externalid":
      return { "state.matchKeys": `external:${value}` };
    case "members":
    case "members.value":
      return { memberId: value };
    default:
      return undefined;
  }
};
