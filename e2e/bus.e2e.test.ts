import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";

/*
 * What a service may do on the bus, with its own password: whoever takes one over can neither speak for the others nor
 * take away what they said.
 */

const { natsUrl, busPasswords } = inject("access").below;
let lead: NatsConnection;

beforeAll(async () => {
  lead = await connect({ servers: natsUrl, user: "lead", pass: busPasswords["lead"] ?? "" });
});
afterAll(() => lead.close());

describe("a service on the bus", () => {
  test("publishes for its own context, so that the refusals below are for what they try", async () => {
    await expect(jetstream(lead).publish("crm.v1.lead.Tried.tenant_none", "")).resolves.toMatchObject({
      stream: "CRM_LEAD",
    });
  });

  test("publishes for no other context", async () => {
    await expect(jetstream(lead).publish("crm.v1.account.AccountCreated.tenant_none", "")).rejects.toThrow(
      /permissions? violation/i,
    );
  });

  test("takes nobody's events away", async () => {
    const manager = await jetstreamManager(lead, { checkAPI: false });
    await expect(manager.streams.purge("CRM_ACCOUNT")).rejects.toThrow(/permissions? violation/i);
    await expect(manager.streams.delete("CRM_ACCOUNT")).rejects.toThrow(/permissions? violation/i);
  });

  test("is nobody without its password", async () => {
    await expect(connect({ servers: natsUrl, user: "lead", pass: "guessed" })).rejects.toThrow(/authorization/i);
    await expect(connect({ servers: natsUrl })).rejects.toThrow(/authorization/i);
  });
});
