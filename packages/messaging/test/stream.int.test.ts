import { resolveNats } from "@keynode/engines/resolve";
import type { Engine } from "@keynode/engines/engine";
import { makeTemporaryFolder, removeTemporaryFolder } from "@keynode/engines/temporary-folder";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startRelay } from "../src/relay.ts";
import { ensureStream } from "../src/stream.ts";
import { streamName } from "../src/subject.ts";
import { entry, openService, type TestService } from "./support.ts";
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
    subjects: [`crm.v1.${service.context}.>`],
    storage: "file",
    allow_atomic: true,
    num_replicas: 1,
    max_age: 7 * 24 * 3_600 * 1e9,
    duplicate_window: 120 * 1e9,
  });
  expect((await ensureStream(manager, service.context, service.host))?.created).toBe(made?.created);
  await manager.streams.update(streamName(service.context), { max_age: 1e12, allow_atomic: false, description: "odd" });
  const mended = await ensureStream(manager, service.context, service.host);
  expect(mended).toMatchObject({ created: made?.created, config: { ...made?.config, metadata: expect.anything() } });
  expect(service.host.lines.filter(({ level }) => level === "warn")).toEqual([]);
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
      dataDir: folder,
      log,
      own: true,
      temporary: true,
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

  test.each([true, false])(
    "publishes to the stream made for it, whether that takes batches (%s) or not",
    async (allow_atomic) => {
      const name = streamName(context);
      const manager = await jetstreamManager(admin);
      await ensureStream(manager, context, service.host);
      await manager.streams.update(name, { allow_atomic });
      await manager.streams.purge(name);
      const { db, journal, host } = service;
      const sources = [{ collection: recordsCollection, kind: recordKind }];
      const events = [entry(1), entry(2)];
      await service.insert(`lead_${allow_atomic}`, events);
      const relay = await startRelay({ context, db, nats: limited, journal, sources, host });
      await relay.drained();
      await relay.stop();

      const { first_seq: first } = (await manager.streams.info(name)).state;
      const stored = await Promise.all([first, first + 1].map((seq) => manager.streams.getMessage(name, { seq })));
      expect(stored.map((message) => message?.header.get("ce-id"))).toEqual(events.map(({ id }) => id));
      expect(stored.map((message) => message?.header.has("Nats-Batch-Id"))).toEqual([allow_atomic, allow_atomic]);
      const warnings = host.lines.filter(({ level }) => level === "warn").map(({ message }) => message);
      expect(warnings).toContain("the stream cannot be looked at");
    },
  );
});
