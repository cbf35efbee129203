import { type Aggregate, defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import type { Share } from "@keynode/contracts/crm/chassis/v1/share";
import * as codecs from "@keynode/contracts/crm/chassis/v1/share_events";
import type {
  ShareCreated,
  ShareRevoked,
  ShareExpired,
  ShareReassigned,
} from "@keynode/contracts/crm/chassis/v1/share_events";
import { type Clock, reassigned } from "@keynode/decider/crud";
import { decideBy, onRecord, type Tagged } from "@keynode/decider/decider";
import { defineListing, listIndexes } from "@keynode/query/listing";

/** A share as stored: the resource and what finds it. */
export type ShareState = Share & {
  /** The user or team that it is for. */
  grantee?: string | undefined;
  /** Record and grantee, which have one live share between them; absent on one that holds no longer. */
  liveKey?: string | undefined;
};

export type ShareCommand = Tagged<{
  CreateShare: { readonly share: Share };
  RevokeShare: object;
  ExpireShare: object;
  ReassignShare: { readonly ownerId: string; readonly teamId: string };
}>;

export type ShareEvent = Tagged<{
  ShareCreated: ShareCreated;
  ShareRevoked: ShareRevoked;
  ShareExpired: ShareExpired;
  ShareReassigned: ShareReassigned;
}>;

export type ShareStore = Store<ShareState, ShareCommand, ShareEvent, Clock>;

/** Who may share what with whom is seen before; a share itself has few rules. Ending it again yields []. */
const decide = decideBy<ShareCommand, ShareState, ShareEvent, Clock>({
  CreateShare: ({ share }) => [{ type: "ShareCreated", share }],
  RevokeShare: onRecord((_command, { deleteTime }, { now }) =>
    deleteTime === undefined ? [{ type: "ShareRevoked", deleteTime: now }] : [],
  ),
  ExpireShare: onRecord((_command, state, { now }) =>
    state.deleteTime === undefined && hasExpired(state, now) ? [{ type: "ShareExpired", deleteTime: now }] : [],
  ),
  ReassignShare: onRecord((to, state) => reassigned("Share", state, to)),
});

const evolve = (before: ShareState | undefined, event: ShareEvent): ShareState => {
  const state = before as ShareState;
  switch (event.type) {
    case "ShareCreated":
      return event.share as ShareState;
    case "ShareRevoked":
    case "ShareExpired":
      return { ...state, deleteTime: event.deleteTime };
    case "ShareReassigned":
      return { ...state, ownerId: event.ownerId, teamId: event.teamId };
  }
};

export const hasExpired = ({ expireTime }: Pick<Share, "expireTime">, now: Date): boolean =>
  expireTime !== undefined && expireTime <= now;

export const granteeOf = ({ granteeUserId, granteeTeamId }: Pick<Share, "granteeUserId" | "granteeTeamId">): string =>
  granteeUserId || granteeTeamId;

/** What the shares of one record may be filtered and sorted by. */
export const shareListing = defineListing({
  fields: {
    recordId: { path: "state.recordId", type: "string" },
    access: { path: "state.access", type: "enum", values: ["READ", "WRITE"], residual: true },
    createTime: { path: "state.createTime", type: "time" },
  },
  indexes: [["recordId", "-createTime"]],
  defaultOrder: "-createTime",
});

const liveKeyIndex = "liveKey";

/** Every service keeps the shares of its own records (law 6). */
export const shareAggregate: Aggregate<ShareState, ShareCommand, ShareEvent, Clock> = defineAggregate<
  ShareState,
  ShareCommand,
  ShareEvent,
  Clock
>({
  name: "share",
  collection: "shares",
  decider: { decide, evolve },
  events: codecs,
  derive: (share) => ({
    grantee: granteeOf(share),
    liveKey: share.deleteTime === undefined ? `${share.recordId} ${granteeOf(share)}` : undefined,
  }),
  onDeleted: ["RevokeShare", "ExpireShare"],
  indexes: [
    ...listIndexes(shareListing),
    { name: "grantee", key: { tenant: 1, "state.grantee": 1, "state.deleteTime": 1 } },
    {
      name: liveKeyIndex,
      key: { tenant: 1, "state.liveKey": 1 },
      unique: true,
      partialFilterExpression: { "state.liveKey": { $exists: true } },
    },
  ],
  uniqueReasons: { [liveKeyIndex]: "SHARE_EXISTS" },
  wakeAt: ({ deleteTime, expireTime }) => (deleteTime === undefined ? expireTime : undefined),
});
