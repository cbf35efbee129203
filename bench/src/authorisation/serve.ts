/**
 * A lead service's server as it is shipped, or with its authorisation switched off: then every call is let in as one
 * caller who may do everything, and its credential is not looked at. The switch is here and nowhere else: shipped code has
 * none. Started by measure.ts.
 */
import { mongoClient } from "@keynode/aggregate/mongo-client";
import { openStore } from "@keynode/aggregate/store";
import { createVerifier } from "@keynode/auth/verifier";
import { LeadServiceService } from "@keynode/contracts/crm/lead/v1/lead_service";
import { implement } from "@keynode/grpc/implement";
import { type GrpcServerOptions, startGrpcServer } from "@keynode/grpc/server";
import { leadApi } from "@keynode/lead-service/api/lead";
import { leadErrors } from "@keynode/lead-service/domain/lead/errors";
import { leadAggregate } from "@keynode/lead-service/lead";
import { generationTables } from "@keynode/messaging/generation";
import { openJournal } from "@keynode/messaging/journal";
import { openTeamTrees } from "@keynode/runtime/access/team-trees";
import { serviceAccess } from "@keynode/runtime/access/service-access";
import { openAccessLog } from "@keynode/runtime/access-log";
import { readRecorder } from "@keynode/runtime/access-records";
import { type PeopleCopy, people } from "@keynode/runtime/copies/people";
import { openShareIndex } from "@keynode/runtime/shares/share-index";
import { shareAggregate } from "@keynode/runtime/shares/share";
import { logger } from "@keynode/telemetry/logger";
import { admin, AUDIENCE, DATABASE, type Mode, type Start, teamRows } from "./setting.ts";

const now = () => new Date();
const log = logger({ name: AUDIENCE, level: "warn" });

type Guard = Required<Pick<GrpcServerOptions, "verify" | "access">>;

const switchedOff: Guard = {
  verify: async () => admin,
  access: {
    rightTo: async () => ({ scope: "all", visibility: { kind: "all" }, within: () => ({ kind: "all" }) }),
    assignmentProblems: async () => [],
  },
};

const start = async (mode: Mode, { mongoUrl, publicJwk }: Start): Promise<number> => {
  const db = mongoClient(mongoUrl).db(DATABASE);
  const host = { now, log };
  const journal = await openJournal(db, host);
  // Nothing is relayed: what a command records waits in its document, in both servers alike.
  const dependencies = { db, journal, now, relay: { wake: () => undefined } };
  const leads = openStore(leadAggregate, dependencies);
  const shares = openStore(shareAggregate, dependencies);
  const copied = generationTables(db, people.name, people.tables, 1);
  await Promise.all([leads.prepare(), shares.prepare(), copied.prepare()]);
  if (mode === "shipped") await copied.collections.teams.insertMany(teamRows());

  const copy: PeopleCopy = {
    tables: () => copied.collections,
    asOf: async () => now(),
    status: () => ({ generation: 1, revision: 1, sources: {} }),
  };
  const shipped: Guard = {
    verify: createVerifier({ audience: AUDIENCE, trustedKeys: { gateway: [publicJwk] } }),
    access: serviceAccess(copy, openTeamTrees(copy), openShareIndex(shares.collection, now), now),
  };
  const { port } = await startGrpcServer({
    host: "127.0.0.1",
    port: 0,
    implementations: [implement(LeadServiceService, leadApi(leads, now))],
    errors: leadErrors,
    onSensitiveRead: readRecorder(await openAccessLog(db, host)),
    log,
    ...(mode === "shipped" ? shipped : switchedOff),
  });
  return port;
};

process.once("message", (message: Start) => {
  void start(message.mode, message).then((port) => process.send?.({ port }));
});
process.once("disconnect", () => process.exit());
