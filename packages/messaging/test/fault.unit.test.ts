import { MongoBulkWriteError, MongoInvalidArgumentError, MongoNetworkError, MongoServerError } from "mongodb";
import { describe, expect, it } from "vitest";
import { isConnectionLoss, isOutage, Transient } from "../src/fault.ts";

/** As the driver makes one of whatever ended a group of writes. */
const ofGroup = (error: Error): MongoBulkWriteError => new MongoBulkWriteError(error as never, undefined as never);

describe("a broken connection", () => {
  it("is known by itself, and as what ended a group of writes", () => {
    const reset = new MongoNetworkError("read ECONNRESET");
    expect([reset, ofGroup(reset)].map(isConnectionLoss)).toEqual([true, true]);
    expect(isConnectionLoss(ofGroup(new MongoNetworkError("connection 4 to 127.0.0.1:27017 closed")))).toBe(true);
    expect(isOutage(ofGroup(reset))).toBe(true);
  });

  it("is not what the store refused, nor what the driver would not send", () => {
    const refused = new MongoServerError({ message: "the connection limit of this plan", code: 8000 });
    const duplicate = new MongoBulkWriteError(
      { message: "E11000 duplicate key", code: 11000, writeErrors: [] } as never,
      undefined as never,
    );
    const unsent = new MongoInvalidArgumentError("Document is larger than the maximum size");
    for (const error of [refused, ofGroup(refused), duplicate, unsent, ofGroup(unsent)]) {
      expect(isConnectionLoss(error), error.message).toBe(false);
      expect(isOutage(error)).toBe(false);
    }
  });

  it("is told by a store that is on its way down or up, too", () => {
    const words = [
      "terminating connection due to administrator command",
      "the database system is shutting down",
      "the database system is starting up",
      "pool.go:90 (documentdb.(*Pool).Acquire): failed to connect to `user=postgres`: dial error: no such file or directory",
      "write failed: write unix @->/tmp/.s.PGSQL.9712: write: broken pipe",
    ];
    const down = [
      ...words.map((message) => new MongoServerError({ message, code: 1 })),
      new MongoServerError({ message: "node is shutting down", code: 91 }),
      new MongoServerError({ message: "not primary", code: 10107 }),
    ];
    for (const error of [...down, ...down.map(ofGroup)]) expect(isConnectionLoss(error), error.message).toBe(true);
    expect(isConnectionLoss(new MongoServerError({ message: "value out of range", code: 1 }))).toBe(false);
  });

  it("is an outage, as what a handler calls transient is", () => {
    expect(isOutage(new Transient("later"))).toBe(true);
    expect(isOutage(new Error("read ECONNRESET"))).toBe(false);
  });
});
