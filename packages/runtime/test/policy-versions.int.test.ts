import { randomUUID } from "node:crypto";
import { testEngines } from "@keynode/engines/testing";
import { PolicyRaised } from "@keynode/contracts/crm/identity/v1/policy_events";
import { toBusMessage } from "@keynode/messaging/cloud-event";
import { ensureStream } from "@keynode/messaging/stream";
import { logger } from "@keynode/telemetry/logger";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PolicyVersions, watchPolicyVersions } from "../src/policy-versions.ts";

const host = { now: () => new Date(), log: logger({ name: "test", level: "silent" }) };
const tenant = `tenant_${randomUUID()}`;
let clockMs = 0;
/** What waits for time to pass: it does so only where a test says it. */
const waiting: (() => void)[] = [];
const timing = { clockMs: () => clockMs, later: (run: () => void) => void waiting.push(run) };

const connections: NatsConnection[] = [];
let replicas: PolicyVersions[] = [];
const open = async (): Promise<NatsConnection> => {
  const nats = await connect({ servers: testEngines().natsUrl });
  connections.push(nats);
  return nats;
};

beforeAll(async () => {
  await ensureStream(await jetstreamManager(await open()), "identity", host, 1);
  replicas = [watchPolicyVersions(await open(), host, timing), watchPolicyVersions(await open(), host, timing)];
});
afterAll(async () => {
  await Promise.all(replicas.map((replica) => replica.stop()));
  await Promise.all(connections.map((nats) => nats.close()));
});

/** A rise as the identity service publishes it. */
const raise = async (policyVersion: number, of = tenant): Promise<void> => {
  const message = toBusMessage({
    id: randomUUID(),
    tenant: of,
    context: "identity",
    kind: "policy",
    recordId: `policy_${of}`,
    type: "PolicyRaised",
    version: policyVersion,
    index: 0,
    count: 1,
    at: new Date(),
    actor: "service:identity",
    data: PolicyRaised.encode(PolicyRaised.fromPartial({ policyVersion })).finish(),
  });
  const { subject, data, headers } = message;
  await jetstream(connections[0] as NatsConnection).publish(subject, data, { headers });
};
const minimumsOf = (of: string) => replicas.map((replica) => replica.minimum(of));
const minimums = () => minimumsOf(tenant);

describe("a rise of a tenant's policy version", () => {
  it("is in force in every replica by hearing of it, without any time passing", async () => {
    expect(minimums()).toEqual([undefined, undefined]);
    await raise(6);
    await expect.poll(minimums).toEqual([6, 6]);
    expect(waiting).toEqual([]);
  });

  it("that follows another one at once waits a moment for more of them, and is then in force with them", async () => {
    await raise(7);
    await raise(9);
    await raise(8);
    await raise(10);
    const other = `tenant_${randomUUID()}`;
    await raise(1, other);
    // What came before on the bus was heard before.
    await expect.poll(() => minimumsOf(other)).toEqual([1, 1]);
    expect(minimums()).toEqual([6, 6]);
    expect(waiting).toHaveLength(replicas.length);
    clockMs += 1_000;
    for (const run of waiting.splice(0)) run();
    expect(minimums()).toEqual([10, 10]);
  });

  it("is known to a replica that starts later", async () => {
    const late = watchPolicyVersions(await open(), host, timing);
    replicas.push(late);
    await expect.poll(() => late.minimum(tenant)).toBe(10);
  });
});
