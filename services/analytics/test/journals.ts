import { randomUUID } from "node:crypto";
import { mongoClient } from "@keynode/aggregate/mongo-client";
import { serviceRights } from "@keynode/auth/service-rights";
import { JournalServiceService } from "@keynode/contracts/crm/chassis/v1/journal_service";
import { testEngines } from "@keynode/engines/testing";
import { implement } from "@keynode/grpc/implement";
import { startGrpcServer } from "@keynode/grpc/server";
import { openJournal } from "@keynode/messaging/journal";
import type { Recorded } from "@keynode/messaging/recorded";
import { journalApi } from "@keynode/runtime/chassis/journal-api";
import { logger } from "@keynode/telemetry/logger";
import { Binary } from "mongodb";
import { afterAll } from "vitest";

const log = logger({ name: "journals", level: "silent" });
const host = { now: () => new Date(), log };

/**
 * The journals of other services, in databases of their own and served by the chassis's rpc: only their aggregates and
 * relays are missing. `upstreams` is where the service under test finds them.
 */
export const serveJournals = async (contexts: readonly string[]) => {
  const mongo = mongoClient(testEngines().mongodbUri);
  const run = randomUUID().replaceAll("-", "");
  const served = await Promise.all(
    contexts.map(async (context) => {
      const db = mongo.db(`test_journal_${context}_${run}`);
      const journal = await openJournal(db, host);
      const server = await startGrpcServer({
        host: "127.0.0.1",
        port: 0,
        implementations: [implement(JournalServiceService, journalApi(context, journal, new Map()))],
        errors: {},
        // Who may read a journal is proved where that is decided.
        verify: async () => ({
          tenant: "*",
          actor: "service:analytics",
          roles: [],
          teams: [],
          policyVersion: 0,
          grants: serviceRights("service:analytics"),
        }),
        log,
      });
      return { context, db, journal, server };
    }),
  );

  afterAll(async () => {
    for (const { server, db } of served) {
      await server.drain(1_000);
      await db.dropDatabase();
    }
    await mongo.close();
  });

  return {
    upstreams: served.map(({ context, server }) => `${context}=127.0.0.1:${server.port}`).join(),
    /** Records events as their services' relays do before they publish. */
    record: async (...events: readonly Recorded[]): Promise<void> => {
      for (const { context, journal } of served) {
        const rows = events
          .filter((event) => event.context === context)
          .map(({ id, recordId, context: _context, data, ...event }) => ({
            ...event,
            _id: id,
            aggregate: recordId,
            data: new Binary(data),
          }));
        await journal.append(rows);
      }
    },
  };
};
