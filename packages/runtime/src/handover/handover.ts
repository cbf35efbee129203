import { NotYet, reactionScope, settled } from "@keynode/api/reaction";
import { UserOffboarded } from "@keynode/contracts/crm/identity/v1/user_events";
import { startTimers } from "@keynode/messaging/timers";
import type { Alarm } from "@keynode/api/alarm";
import type { Collection, Db } from "mongodb";
import type { PeopleCopy } from "../copies/people.ts";
import { eachChild } from "../children.ts";
import type { KeptResource } from "../resources.ts";
import type { Reactor, ServiceTools } from "../service-definition.ts";
import type { ShareStore } from "../shares/share.ts";

/**
 * The work that one service has with a user who left: everything of theirs becomes the successor's. How far it is lies
 * in the records alone, in who owns them; this only says that it is to be done, and when to look again.
 */
export type Handover = {
  /** Id of the event that told of it. */
  _id: string;
  tenant: string;
  userId: string;
  /** The user's version with which they left: whoever is active again in a later one keeps what is theirs. */
  userVersion: number;
  successorId: string;
  /** Empty where each record stays with its own team. */
  teamId: string;
  movedCount: number;
  /** Looks taken so far. */
  sweeps: number;
  /** When nothing was left for the first time. */
  finishedAt?: Date;
  wakeAt?: Date;
};

const minuteMs = 60_000;
const dayMs = 86_400_000;
/**
 * How long after each look the next one follows. Records of a user who left come up later: made by reactions to events
 * that were recorded before, by dead letters that are played again, by imports.
 */
const againAfterMs: readonly number[] = [
  minuteMs,
  5 * minuteMs,
  30 * minuteMs,
  dayMs / 4,
  ...Array.from({ length: 30 }, () => dayMs),
];
/** A look that began and was not ended is taken up by the next replica after so long. */
const leaseMs = 2 * minuteMs;
/** Records handed over at the same time. */
const parallel = 8;

export type HandoverParts = {
  readonly resources: ReadonlyMap<string, KeptResource>;
  readonly shares: ShareStore;
  readonly people: PeopleCopy;
  /** How late the next look may be. */
  readonly pollMs: number;
};

/** What a service does about users who left. */
export type Handovers = {
  readonly reactor: Reactor;
  readonly alarm: Alarm;
  /** How far it is with a user; undefined when the service has not heard that they left. */
  progress(tenant: string, userId: string): Promise<HandoverProgress | undefined>;
};

export type HandoverProgress = {
  readonly movedCount: number;
  readonly finishedAt: Date | undefined;
  readonly remainders: readonly { readonly collection: string; readonly count: number }[];
};

/** What is left is counted up to here. */
const countedRecords = 10_000;

export const openHandovers = (
  tools: Pick<ServiceTools, "name" | "db" | "now" | "log">,
  { resources, shares, people, pollMs }: HandoverParts,
): Handovers => {
  const { name, db, now, log } = tools;
  const handovers = collectionOf(db);
  const movable = [...resources.values()].filter(({ rules }) => rules.ownership !== "FIXED");

  const scopeOf = ({ _id, tenant }: Handover) => ({
    ...reactionScope(name, { id: _id, tenant }, now()),
    includesDeleted: true,
  });
  const eventOf = ({ _id, userId }: Handover, recordId: string) => ({
    id: _id,
    type: "UserOffboarded",
    recordId: recordId || userId,
  });

  /** Whether there is nothing to hand over any more: the user is back, or left once more to another successor. */
  const isOver = async ({ tenant, userId, userVersion }: Handover): Promise<boolean> => {
    const user = await people.tables().members.findOne({ _id: userId, tenant });
    if (user !== null && user.active && user.version > userVersion) return true;
    return (await handovers.findOne({ tenant, userId, userVersion: { $gt: userVersion } })) !== null;
  };

  const moveAll = async (handover: Handover, { name: resource, store }: KeptResource): Promise<number> => {
    const { tenant, userId, successorId: ownerId, teamId } = handover;
    const command = { type: `Reassign${resource}`, ownerId, teamId };
    let moved = 0;
    await eachChild(
      store.collection,
      tenant,
      { "state.ownerId": userId },
      async (id) => {
        // Handing over is decided by the record alone, whatever else a decider may ask for.
        const outcome = await store.execute(id, command, scopeOf(handover), (attempt) => attempt);
        if (settled(outcome, eventOf(handover, id), log) !== undefined) moved += 1;
      },
      parallel,
    );
    return moved;
  };

  const revokeShares = async (handover: Handover): Promise<void> => {
    const { tenant, userId } = handover;
    await eachChild(shares.collection, tenant, { "state.grantee": userId, "state.deleteTime": null }, async (id) => {
      const outcome = await shares.execute(id, { type: "RevokeShare" }, scopeOf(handover), ({ now: at }) => ({
        now: at,
      }));
      settled(outcome, eventOf(handover, id), log);
    });
  };

  const sweep = async (handover: Handover): Promise<void> => {
    const { _id, tenant, sweeps } = handover;
    if (await isOver(handover)) {
      await handovers.updateOne({ _id, tenant }, { $unset: { wakeAt: "" } });
      return;
    }
    for (const resource of movable) {
      const moved = await moveAll(handover, resource);
      if (moved > 0) await handovers.updateOne({ _id, tenant }, { $inc: { movedCount: moved } });
    }
    await revokeShares(handover);
    const at = now();
    const againMs = againAfterMs[sweeps];
    await handovers.updateOne(
      { _id, tenant },
      {
        $set: {
          sweeps: sweeps + 1,
          ...(handover.finishedAt === undefined && { finishedAt: at }),
          ...(againMs !== undefined && { wakeAt: new Date(at.getTime() + againMs) }),
        },
        ...(againMs === undefined && { $unset: { wakeAt: "" } }),
      },
    );
  };

  return {
    reactor: {
      name: "handover",
      from: { identity: ["UserOffboarded"] },
      handle: async (event) => {
        const { successorId, teamId } = UserOffboarded.decode(event.data);
        const { id: _id, tenant, recordId: userId, version: userVersion } = event;
        const begun = { userId, userVersion, successorId, teamId, movedCount: 0, sweeps: 0 };
        const wakeAt = new Date(now().getTime() + leaseMs);
        await handovers.updateOne({ _id, tenant }, { $setOnInsert: { ...begun, wakeAt } }, { upsert: true });
        const handover = await handovers.findOne({ _id, tenant });
        if (handover === null) throw new NotYet(`the handover of ${userId} is not to be read yet`);
        if (handover.finishedAt === undefined) await sweep(handover);
      },
    },
    alarm: async (_service, host) => {
      await handovers.createIndex({ tenant: 1, userId: 1, userVersion: -1 }, { name: "user" });
      return await startTimers({
        collection: handovers,
        host,
        leaseMs,
        pollMs,
        concurrency: 1,
        fire: sweep,
      });
    },
    progress: async (tenant, userId) => {
      const [latest] = await handovers.find({ tenant, userId }).sort({ userVersion: -1 }).limit(1).toArray();
      if (latest === undefined) return undefined;
      const counts = await Promise.all(
        movable.map(async ({ rules: { collection }, store }) => ({
          collection,
          count: await store.collection.countDocuments({ tenant, "state.ownerId": userId } as never, {
            limit: countedRecords,
          }),
        })),
      );
      return {
        movedCount: latest.movedCount,
        finishedAt: latest.finishedAt,
        remainders: counts.filter(({ count }) => count > 0),
      };
    },
  };
};

const collectionOf = (db: Db): Collection<Handover> => db.collection<Handover>("handovers");
