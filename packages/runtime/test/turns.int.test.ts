import { randomUUID } from "node:crypto";
import { setImmediate as later } from "node:timers/promises";
import { mongoClient } from "@keynode/aggregate/mongo-client";
import { testEngines } from "@keynode/engines/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTurns } from "../src/turns.ts";

const mongo = mongoClient(testEngines().mongodbUri);
const db = mongo.db(`test_turns_${randomUUID().replaceAll("-", "")}`);
const clock = { ms: 0 };
const replica = () => openTurns(db, "test", () => new Date(Date.now() + clock.ms));
const soon = () => new Date(Date.now() + clock.ms + 10_000);

beforeAll(async () => {
  await mongo.connect();
});
afterAll(async () => {
  await db.dropDatabase();
  await mongo.close();
});

describe("turns of a tenant", () => {
  it("never overlap, whichever replica takes them, and all come up", async () => {
    const [one, other] = [replica(), replica()];
    let inside = 0;
    let most = 0;
    const done = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? one : other).take("acme", soon(), async () => {
          most = Math.max(most, (inside += 1));
          await later();
          inside -= 1;
          return index;
        }),
      ),
    );
    expect(most).toBe(1);
    expect(done).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  it("wait for no other tenant's", async () => {
    const both = await replica().take("one", soon(), () => replica().take("other", soon(), async () => "both"));
    expect(both).toBe("both");
  });

  it("are given back by what fails, too", async () => {
    await expect(
      replica().take("failing", soon(), () => Promise.reject(new Error("the store is away"))),
    ).rejects.toThrow("the store is away");
    expect(await replica().take("failing", soon(), async () => "next")).toBe("next");
  });

  it("tell what came of the command even where the store is gone when they are given back", async () => {
    const gone = { deleteOne: () => Promise.reject(new Error("the store is away")), updateOne: async () => ({}) };
    const turns = openTurns({ collection: () => gone } as never, "test", () => new Date());
    expect(await turns.take("acme", soon(), async () => "done")).toBe("done");
  });

  it("that do not come up before the deadline are a conflict", async () => {
    const late = await replica().take("slow", soon(), () => replica().take("slow", new Date(), async () => "in"));
    expect(late).toMatchObject({ reason: "CONFLICT" });
  });

  it("of a process that died come up again, once its command cannot be under way any more", async () => {
    await db.collection<{ _id: string }>("testTurns").insertOne({
      _id: "dead",
      tenant: "dead",
      holder: "gone",
      until: new Date(Date.now() + clock.ms + 60_000),
    } as never);
    expect(await replica().take("dead", new Date(), async () => "in")).toMatchObject({ reason: "CONFLICT" });
    clock.ms += 60_000;
    expect(await replica().take("dead", soon(), async () => "in")).toBe("in");
  });
});
