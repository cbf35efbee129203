import { resolveNats } from "@keynode/engines/resolve";
import type { Engine } from "@keynode/engines/engine";
import { makeTemporaryFolder, removeTemporaryFolder } from "@keynode/engines/temporary-folder";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startRelay } from "../src/relay.ts";
import { ensureStream, streamInfo } from "../src/stream.ts";
import { streamName } from "../src/subject.ts";
import { entry, openService, publishedIds, type TestService } from "./support.ts";
import { recordKind, recordsCollection } from "./test-host.ts";

let service: TestService;

beforeAll(async () => {
  service = await openService();
});
afterAll(() => service.close());

test("a stream is made once, and brought back to its configuration", async () => {
  const manager = await jetstreamManager(service.nats);
  const made = await ensureStream(manager, service.context, service.host);
  expect(made?.config).toMatchObject({
    ...{ subjects: [`crm.v1.${service.context}.>`], storage: "file", allow_atomic: true, num_replicas: 1 },
    ...{ max_age: 7 * 24 * 3_600 * 1e9, duplicate_window: 120 * 1e9 },
  });
  expect((await ensureStream(manager, service.context, service.host))?.created).toBe(made?.created);
  await manager.streams.update(streamName(service.context), { max_age: 1e12, allow_atomic: false, description: "odd" });
  const mended = await ensureStream(manager, service.context, service.host);
  expect(mended).toMatchObject({ created: made?.created, config: { ...made?.config, metadata: expect.anything() } });
  expect(service.host.lines.filter(({ level }) => level === "warn")).toEqual([]);
});

test("a stream that takes no batches is published to one by one", async () => {
  const manager = await jetstreamManager(service.nats);
  await ensureStream(manager, service.context, service.host);
  await manager.streams.update(streamName(service.context), { allow_atomic: false });
  const request = service.nats.request;
  const relay = await service.relay();
  const events = [1, 2, 3].map((version) => entry(version));
  await service.insert("lead_single", events);
  await relay.drained();
  await relay.stop();
  expect(service.nats.request).toBe(request);
  expect(await publishedIds(service)).toEqual(events.map(({ id }) => id));
});

describe("a process without rights on the stream api", () => {
  let folder: string;
  let bus: Engine;
  let admin: NatsConnection;
  let limited: NatsConnection;
  const context = "limited";

  beforeAll(async () => {
    const log = () => undefined;
    folder = await makeTemporaryFolder(log);
    bus = await resolveNats({
      ...{ dataDir: folder, log, own: true, temporary: true },
      nats: {
        users: [
          { user: "admin", password: "a", publish: [">"], subscribe: [">"] },
          { user: "limited", password: "l", publish: [`crm.v1.${context}.>`, "$JS.ACK.>"], subscribe: ["_INBOX.>"] },
        ],
      },
    });
    admin = await connect({ servers: bus.url, user: "admin", pass: "a" });
    limited = await connect({ servers: bus.url, user: "limited", pass: "l" });
  });
  afterAll(async () => {
    await admin.close();
    await limited.close();
    await bus.stop();
    removeTemporaryFolder(folder);
  });

  test("publishes to the stream that was made for it", { timeout: 30_000 }, async () => {
    const manager = await jetstreamManager(admin);
    await ensureStream(manager, context, service.host);
    const { db, journal, host } = service;
    const sources = [{ collection: recordsCollection, kind: recordKind }];
    await service.insert("lead_limited", [entry(1), entry(2)]);
    const relay = await startRelay({ context, db, nats: limited, journal, sources, host });
    await relay.drained();
    await relay.stop();
    expect((await streamInfo(manager, streamName(context)))?.state.messages).toBe(2);
    expect(host.lines.filter(({ level }) => level === "warn").map(({ message }) => message)).toContain(
      "the stream cannot be looked at",
    );
  });
});
