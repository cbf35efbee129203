import { connect } from "@nats-io/transport-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Engine } from "../src/engine.ts";
import { privateBus } from "../src/testing.ts";

const lead = { user: "lead", password: 'p"a$s\\word', publish: ["crm.v1.lead.>"], subscribe: ["crm.v1.>", "_INBOX.>"] };
const silent = { user: "silent", password: "s", publish: [], subscribe: ["crm.v1.>"] };

const PATIENCE = { timeout: 20_000 };

let bus: Engine;
beforeAll(async () => {
  bus = await privateBus({ users: [lead, silent] });
});
afterAll(() => bus.stop());

const as = ({ user, password }: { user: string; password: string }) =>
  connect({ servers: bus.url, user, pass: password });

test("a client without credentials is refused", async () => {
  await expect(connect({ servers: bus.url })).rejects.toThrow(/authorization/i);
  await expect(as({ user: "lead", password: "wrong" })).rejects.toThrow(/authorization/i);
});

test("a user publishes its own subjects only, and one without subjects publishes nothing", async () => {
  const [owner, listener] = await Promise.all([as(lead), as(silent)]);
  const violations: string[] = [];
  for (const client of [owner, listener]) {
    void (async () => {
      for await (const status of client.status()) if (status.type === "error") violations.push(status.error.message);
    })();
  }
  const heard: string[] = [];
  listener.subscribe("crm.v1.>", {
    callback: (_error, message) => {
      heard.push(message.subject);
    },
  });
  await listener.flush();
  owner.publish("crm.v1.account.AccountCreated.t1");
  listener.publish("crm.v1.lead.LeadCaptured.t1");
  owner.publish("crm.v1.lead.LeadCaptured.t1");
  await expect.poll(() => heard, PATIENCE).toEqual(["crm.v1.lead.LeadCaptured.t1"]);
  await expect.poll(() => violations, PATIENCE).toHaveLength(2);
  await Promise.all([owner.close(), listener.close()]);
});
