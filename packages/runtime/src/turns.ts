import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { isDuplicate } from "@keynode/aggregate/fault";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import type { Handler } from "@keynode/grpc/call";
import { dryRunnable } from "@keynode/grpc/dry-run";
import { isDryRun } from "@keynode/telemetry/dry-run";
import type { Db } from "mongodb";

/** Lets commands that decide by several records of a tenant go one after the other, in every replica. */
export type Turns = {
  /** Runs once it is its turn. Errors: CONFLICT when it does not come up before the deadline. */
  take<Outcome>(tenant: string, deadline: Date, act: () => Promise<Outcome>): Promise<Outcome | DomainError>;
};

/** Whose turn it is; there is none when nobody's. */
type Turn = { _id: string; tenant: string; holder: string; until: Date };

/**
 * How long after its command's deadline a turn of a process that died is somebody else's. A command ends by its deadline:
 * this is for a write that is on its way then, and for clocks of two hosts that differ.
 */
const graceMs = 10_000;
/** A turn lasts some milliseconds, so it is asked for again soon; at random, so that two who wait do not meet again. */
const leastPauseMs = 5;
const pauseSpreadMs = 25;

/** A reservation (law 1): taken, acted under and given back; one that is not given back expires. */
export const openTurns = (db: Db, name: string, now: () => Date): Turns => {
  const turns = db.collection<Turn>(`${name}Turns`);

  const isMine = async (tenant: string, holder: string, deadline: Date): Promise<boolean> => {
    const until = new Date(deadline.getTime() + graceMs);
    try {
      const free = { _id: tenant, tenant, until: { $lte: now() } };
      await turns.updateOne(free, { $set: { holder, until } }, { upsert: true });
      return true;
    } catch (error) {
      // Somebody else's: what was not found to be free could not be inserted beside it.
      if (isDuplicate(error)) return false;
      throw error;
    }
  };

  return {
    take: async (tenant, deadline, act) => {
      // What writes nothing is in nobody's way.
      if (isDryRun()) return await act();
      const holder = randomUUID();
      while (!(await isMine(tenant, holder, deadline))) {
        if (now() >= deadline) return reject("CONFLICT");
        await pause(leastPauseMs + Math.random() * pauseSpreadMs);
      }
      try {
        return await act();
      } finally {
        // What came of the command is known: a store that is away now makes others wait for the turn's end, no more.
        await turns.deleteOne({ _id: tenant, tenant, holder }).catch(() => undefined);
      }
    },
  };
};

/** What decides by how many records there are, in turns: of two at once neither would count the other's. */
export const inTurns = <Request, Response>(
  turns: Turns,
  handle: Handler<Request, Response>,
): Handler<Request, Response> =>
  dryRunnable((request, call) => turns.take(call.tenant, call.deadline, () => handle(request, call)));

/**
 * An update that can put its record under another one, in turns where it does: of two such moves at once neither would
 * see that the other closes a circle with it.
 */
export const movingInTurns = <Request, Response>(
  turns: Turns,
  mayMove: (request: Request) => boolean,
  update: Handler<Request, Response>,
): Handler<Request, Response> =>
  dryRunnable((request, call) =>
    mayMove(request) ? turns.take(call.tenant, call.deadline, () => update(request, call)) : update(request, call),
  );
