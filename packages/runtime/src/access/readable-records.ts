import type { Access } from "@keynode/auth/access";
import { grantedScope, type Grants, type Principal } from "@keynode/auth/principal";
import { maySee } from "@keynode/auth/visibility";
import { FilterReadableRequest, type FilterReadableResponse } from "@keynode/contracts/crm/chassis/v1/access_service";
import { readPermission, recordTypeOf, typeOfId } from "@keynode/contracts/record-types";
import { isDomainError, reject } from "@keynode/decider/domain-error";
import type { FilterReadable } from "@keynode/grpc/references";
import type { AggregateDocument } from "@keynode/messaging/entry";
import type { Filter } from "mongodb";
import type { Resource } from "@keynode/aggregate/aggregate";
import { type Peers, unlessAway } from "../peers.ts";
import type { KeptResource } from "../resources.ts";
import { principalOf, subjectOf } from "./subject.ts";

/** Ids that one question may hold, as the contract says; a batch of a thousand records names some thousand. */
const idsAtOnce = 10_000;

/** Decides as a get of each record would; `resources` are the service's own. */
export const readableRecords = (access: Access, resources: ReadonlyMap<string, KeptResource>) => {
  const byType = new Map([...resources.values()].map((resource) => [resource.rules.type, resource]));

  const readableOf = async (principal: Principal, type: string, ids: readonly string[]): Promise<readonly string[]> => {
    const resource = byType.get(type);
    if (resource === undefined) return [];
    const permission = readPermission(resource.rules.collection);
    const right = await access.rightTo(principal, { permission, effect: "READ" });
    if (right === undefined) return [];
    const filter = { tenant: principal.tenant, _id: { $in: ids } } as unknown as Filter<AggregateDocument<Resource>>;
    const projection = { "state.ownerId": 1, "state.teamId": 1 };
    const found = await resource.store.stored.find(filter, { projection }).toArray();
    return found.flatMap(({ _id: id, state: { ownerId, teamId } }) =>
      maySee(right.visibility, { id, ownerId, teamId }) ? [id] : [],
    );
  };

  return async ({ tenant, subject, recordIds }: FilterReadableRequest): Promise<FilterReadableResponse> => {
    const principal = principalOf(tenant, subject);
    const byTypes = [...Map.groupBy(recordIds, typeOfId)];
    const readable = await Promise.all(byTypes.map(([type, ids]) => readableOf(principal, type, ids)));
    return { recordIds: readable.flat() };
  };
};

/** The records of some that a principal may read, and the services that could not be asked about theirs. */
export type Readable = { readonly ids: ReadonlySet<string>; readonly away: readonly string[] };

/** Asks the services that keep the records, each once: the own one answers without a call. */
const askKeepers = (peers: Pick<Peers, "access">) => {
  return async (principal: Principal, ids: readonly string[], deadline: Date): Promise<Readable> => {
    const subject = subjectOf({ ...principal, grants: readsOf(principal, ids) });
    const questions = [...Map.groupBy(ids, (id) => recordTypeOf(id)?.service)].flatMap(([service, kept]) =>
      service === undefined ? [] : inParts(kept).map((recordIds) => ({ service, recordIds })),
    );
    const answers = await Promise.all(
      questions.map(async ({ service, recordIds }) => {
        const request = FilterReadableRequest.fromPartial({ tenant: principal.tenant, subject, recordIds });
        const answer = await unlessAway(service, peers.access(service).filterReadable(request, deadline));
        return isDomainError(answer) ? { ids: [], away: [service] } : { ids: answer.recordIds, away: [] };
      }),
    );
    return {
      ids: new Set(answers.flatMap((answer) => answer.ids)),
      away: [...new Set(answers.flatMap(({ away }) => away))],
    };
  };
};

/** For commands, which nothing is let through by while a service is away. */
export const filterReadableBy = (peers: Pick<Peers, "access">): FilterReadable => {
  const ask = askKeepers(peers);
  return async (principal, ids, deadline) => {
    const {
      ids: readable,
      away: [service],
    } = await ask(principal, ids, deadline);
    return service === undefined ? readable : reject("UPSTREAM_UNAVAILABLE", { service });
  };
};

/** For copies that tell of others' records: nobody is asked about collections that are read as a whole, or not at all. */
export const readableBy = (
  peers: Pick<Peers, "access">,
): ((principal: Principal, ids: readonly string[], deadline: Date) => Promise<Readable>) => {
  const ask = askKeepers(peers);
  return async (principal, ids, deadline) => {
    const scopeOf = (id: string) => {
      const collection = recordTypeOf(id)?.rules.collection;
      return collection === undefined ? undefined : grantedScope(principal, readPermission(collection));
    };
    const byScope = Map.groupBy(new Set(ids), scopeOf);
    const told = await ask(principal, [...(byScope.get("team") ?? []), ...(byScope.get("own") ?? [])], deadline);
    return { ids: told.ids.union(new Set(byScope.get("all"))), away: told.away };
  };
};

/** Of the principal's rights only those that are decided by. */
const readsOf = ({ grants }: Pick<Principal, "grants">, ids: readonly string[]): Grants => {
  const collections = new Set(ids.flatMap((id) => recordTypeOf(id)?.rules.collection ?? []));
  return Object.fromEntries(
    [...collections].flatMap((collection) => {
      const permission = readPermission(collection);
      const scope = grantedScope({ grants }, permission);
      return scope === undefined ? [] : [[permission, scope]];
    }),
  );
};

const inParts = (ids: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(ids.length / idsAtOnce) }, (_, part) =>
    ids.slice(part * idsAtOnce, (part + 1) * idsAtOnce),
  );
