import { mongoClient } from "@keynode/aggregate/mongo-client";
import type { JournalRow } from "@keynode/messaging/entry";
import { expect } from "vitest";
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import type { Row } from "../access/rows.ts";
import { eventually } from "../api.ts";
import type { Trial } from "./trials.ts";

/** What keyed requests did, by the journals of the services that keep the records. */
export type Effects = {
  /**
   * Expects that one keyed request changed these records, each by one commit, and nothing else. What prepared them came
   * without keys, so nothing else of them carries a request's digest.
   */
  expectOnce(service: string, tenant: string, recordIds: readonly string[]): Promise<void>;
  close(): Promise<void>;
};

/** Reads journals where they are kept: what happened twice must show, whatever is answered. */
export const effectsIn = (mongoUrl: string): Effects => {
  const mongo = mongoClient(mongoUrl);
  return {
    expectOnce: async (service, tenant, recordIds) => {
      const journal = mongo.db(`keynode_${service}`).collection<JournalRow>("journal");
      const keyed = { tenant, requestHash: { $gt: "" } };
      const ofRecords = () => journal.find({ ...keyed, aggregate: { $in: [...recordIds] } }).toArray();
      await eventually(ofRecords, (rows) => {
        expect(rows.map(({ aggregate }) => aggregate).sort()).toEqual([...recordIds].sort());
      });
      const requestHashes = [...new Set((await ofRecords()).map(({ requestHash }) => requestHash ?? ""))];
      const ofRequests = await journal.find({ ...keyed, requestHash: { $in: requestHashes } }).toArray();
      expect(ofRequests.map(({ aggregate }) => aggregate).sort()).toEqual([...recordIds].sort());
    },
    close: () => mongo.close(),
  };
};

/** The service that keeps what an rpc changes; the trials of what every service has are on leads. */
export const keeperOf = ({ method }: Row): string =>
  method.parent.typeName.split(".")[1]?.replace("chassis", "lead") ?? "";

/** The records that a trial's answer names, or what the trial itself knows of. */
export const recordsIn = ({ recordId }: Trial, body: JsonObject): readonly string[] =>
  recordId === undefined ? idsIn(body) : [recordId];

const idsIn = (body: JsonValue | undefined): readonly string[] => {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return [];
  const { results } = body;
  if (Array.isArray(results)) return results.flatMap((one) => Object.values(one as JsonObject).flatMap(idsIn));
  return [body["id"] ?? body["leadId"]].filter((id) => typeof id === "string");
};
