import { commandScope, shown } from "@keynode/api/command";
import { list } from "@keynode/api/read";
import { inputOf } from "@keynode/api/input";
import type { Access } from "@keynode/auth/access";
import { Share } from "@keynode/contracts/crm/chassis/v1/share";
import type { ShareServiceService } from "@keynode/contracts/crm/chassis/v1/share_service";
import { type DomainError, type FieldViolation, isDomainError, reject } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";
import type { Handlers } from "@keynode/grpc/implement";
import type { AggregateDocument } from "@keynode/messaging/entry";
import type { Filter } from "mongodb";
import type { KeptResource } from "../resources.ts";
import { granteeOf, hasExpired, shareListing, type ShareState, type ShareStore } from "./share.ts";
import { type ShareIndex, sharesPerGrantee } from "./share-index.ts";

export type ShareApiParts = {
  /** The service's name. */
  readonly service: string;
  readonly shares: ShareStore;
  readonly index: ShareIndex;
  readonly resources: ReadonlyMap<string, KeptResource>;
  readonly access: Access;
  /** Whether the tenant has such an active user, or such a team. */
  readonly isGrantee: (tenant: string, share: Share) => Promise<boolean | "unsure">;
  readonly now: () => Date;
};

type Place = { readonly collection: string; readonly recordId: string };

const shape = { typeName: "crm.chassis.v1.Share", fromPartial: Share.fromPartial };
const input = inputOf<Share>(shape, "share.");

/** Shares the records of one service, whatever they are. */
export const shareApi = (parts: ShareApiParts): Handlers<typeof ShareServiceService> => {
  const { service, shares, index, resources, access, isGrantee, now } = parts;
  const context = () => ({ now: now() });
  const listShares = list(shares, shape, shareListing, "shares");

  /** Refuses unless the caller has the record by its own right to the verb, without any share. */
  const refuseOutsider = async (
    { principal, tenant }: Call,
    { collection, recordId }: Place,
    verb: "read" | "update",
  ): Promise<DomainError | undefined> => {
    const resource = resources.get(collection);
    if (resource === undefined) return reject("NOT_FOUND", { id: recordId });
    if (resource.rules.ownership === "FIXED") return reject("SHARE_NOT_OFFERED");
    const permission = `${collection}.${verb}`;
    const effect = verb === "read" ? "READ" : "WRITE";
    const right = await access.rightTo(principal, { permission, effect, ignoresShares: verb === "update" });
    if (right === undefined) return reject("PERMISSION_DENIED", { permission });
    const record = await resource.store.get(tenant, recordId, right.visibility);
    return record === undefined ? reject("NOT_FOUND", { id: recordId }) : undefined;
  };

  const violationsOf = async (tenant: string, share: Share): Promise<readonly FieldViolation[] | "unsure"> => {
    const { granteeUserId, granteeTeamId } = share;
    const grantees = ["grantee_user_id", "grantee_team_id"].map((name) => `share.${name}`);
    if ((granteeUserId === "") === (granteeTeamId === "")) {
      return grantees.map((field) => ({ field, reason: "SHARE_WITHOUT_GRANTEE" }));
    }
    const known = await isGrantee(tenant, share);
    if (known === "unsure") return known;
    const field = grantees[granteeUserId === "" ? 1 : 0] ?? "";
    return [
      ...(known ? [] : [{ field, reason: "NO_SUCH_GRANTEE" }]),
      ...(hasExpired(share, now()) ? [{ field: "share.expire_time", reason: "SHARE_EXPIRED" }] : []),
    ];
  };

  const liveOf = (tenant: string, more: object): Filter<AggregateDocument<ShareState>> =>
    ({ tenant, "state.deleteTime": null, ...more }) as Filter<AggregateDocument<ShareState>>;

  /** Ends the share that stands in a new one's way if it holds no longer and nobody has noticed yet. */
  const expireFormer = async ({ tenant, deadline }: Call, share: Share): Promise<boolean> => {
    const { recordId } = share;
    const former = await shares.collection.findOne(
      liveOf(tenant, { "state.recordId": recordId, "state.grantee": granteeOf(share) }),
    );
    if (former === null || !hasExpired(former.state, now())) return former === null;
    const scope = { tenant, actor: `service:${service}`, visibility: { kind: "all" }, deadline } as const;
    return !isDomainError(await shares.execute(former._id, { type: "ExpireShare" }, scope, context));
  };

  return {
    createShare: async ({ share: asked, collection, recordId }, call) => {
      const refusal = await refuseOutsider(call, { collection, recordId }, "update");
      if (refusal !== undefined) return refusal;
      const { tenant, actor, principal } = call;
      const share: Share = {
        ...input.ofCreate(asked ?? Share.fromPartial({})),
        ownerId: actor,
        teamId: principal.teams[0] ?? "",
        collection,
        recordId,
      };
      const violations = await violationsOf(tenant, share);
      if (violations === "unsure") return reject("PROJECTION_LAGGING");
      const [first] = violations;
      if (first !== undefined) return reject(first.reason, {}, violations);
      const grantee = granteeOf(share);
      const held = await shares.collection.countDocuments(liveOf(tenant, { "state.grantee": grantee }), {
        limit: sharesPerGrantee,
      });
      if (held >= sharesPerGrantee) return reject("SHARE_LIMIT_REACHED");
      const scope = commandScope(call);
      if (isDomainError(scope)) return scope;
      const make = () => shares.create({ type: "CreateShare", share }, scope, context);
      let outcome = await make();
      if (isDomainError(outcome) && outcome.reason === "SHARE_EXISTS" && (await expireFormer(call, share))) {
        outcome = await make();
      }
      if (isDomainError(outcome)) return outcome;
      index.granted(tenant);
      return shown(outcome);
    },
    listShares: async ({ collection, recordId, filter, ...paging }, call) => {
      const refusal = await refuseOutsider(call, { collection, recordId }, "read");
      if (refusal !== undefined) return refusal;
      const ofRecord = `recordId = "${recordId}"`;
      return await listShares(
        { ...paging, filter: filter === "" ? ofRecord : `${ofRecord} AND (${filter})` },
        { ...call, visibility: { kind: "all" } },
      );
    },
    revokeShare: async ({ id, etag, collection, recordId }, call) => {
      const found = await shares.get(call.tenant, id, { kind: "all" });
      if (found === undefined || found.state.recordId !== recordId) return reject("NOT_FOUND", { id });
      if (found.state.ownerId !== call.actor) {
        const refusal = await refuseOutsider(call, { collection, recordId }, "update");
        if (refusal !== undefined) return refusal;
      }
      const scope = commandScope({ ...call, visibility: { kind: "all" } }, etag);
      if (isDomainError(scope)) return scope;
      const outcome = await shares.execute(id, { type: "RevokeShare" }, scope, context);
      return isDomainError(outcome) ? outcome : shown(outcome);
    },
  };
};
