import { derivedId, newId } from "@keynode/aggregate/type-id";
import type { Projection } from "@keynode/messaging/projection";
import type { SourceState } from "@keynode/messaging/source";
import { fromUUIDBytes } from "typeid-js";
import { expect, test } from "vitest";
import { findCopied } from "../src/copied.ts";

type Row = { readonly name: string };
type Copy = Pick<Projection<{ accounts: Row }>, "tables" | "status" | "asOf">;

const tenant = "tenant_1";
const later = (ms: number) => new Date(Date.now() + ms);

/** A copy that answers `row` from the given look on, and how often it was looked into. */
const copyOf = ({
  row,
  fromLook = 1,
  state = "live",
  asOf = () => later(1_000),
}: {
  row?: object;
  fromLook?: number;
  state?: SourceState;
  asOf?: () => Date | undefined;
}) => {
  let looks = 0;
  const copy = {
    tables: () => ({
      accounts: {
        findOne: async (filter: object) => {
          looks += 1;
          expect(filter).toMatchObject({ tenant });
          return row !== undefined && looks >= fromLook ? row : null;
        },
      },
    }),
    status: () => ({ generation: 1, revision: 1, sources: { account: state } }),
    asOf: async () => asOf(),
  } as unknown as Copy;
  return { copy, looks: () => looks };
};

const find = async (copy: Copy, id = newId("account"), withinMs = 400) => {
  const startedMs = performance.now();
  const asking = { now: new Date(), deadline: later(withinMs) };
  const { reference, row } = await findCopied(copy, "accounts", { tenant, id }, asking);
  return { reference, row, tookMs: performance.now() - startedMs };
};

/** An id that was made then, as `newId` makes them. */
const idMadeAt = (at: Date): string => {
  const bytes = Buffer.alloc(16, 7);
  bytes.writeUIntBE(at.getTime(), 0, 6);
  bytes[6] = 0x70;
  bytes[8] = 0x80;
  return fromUUIDBytes("account", bytes);
};
const anHourAgo = idMadeAt(later(-3_600_000));

test("a record that the copy has is known, with its row", async () => {
  const row = { _id: "a", tenant, version: 1, name: "Acme" };
  expect(await find(copyOf({ row }).copy)).toMatchObject({ reference: "KNOWN", row });
});

test("a deleted record is missing, at once", async () => {
  const { copy, looks } = copyOf({ row: { _id: "a", tenant, version: 2, deleted: true } });
  expect((await find(copy)).reference).toBe("MISSING");
  expect(looks()).toBe(1);
});

test("a record that was made a moment ago is waited for", async () => {
  const { copy } = copyOf({ row: { _id: "a", tenant, version: 1, name: "Acme" }, fromLook: 3 });
  expect((await find(copy, newId("account"), 4_000)).reference).toBe("KNOWN");
});

test("so is one whose id does not say when it was made", async () => {
  const { copy } = copyOf({ row: { _id: "a", tenant, version: 1, name: "Acme" }, fromLook: 3 });
  expect((await find(copy, derivedId("account", tenant, "key"), 4_000)).reference).toBe("KNOWN");
});

test("an event that comes while the copy catches up is not missed", async () => {
  const { copy, looks } = copyOf({});
  const known = copyOf({ row: { _id: "a", tenant, version: 1, name: "Acme" } }).copy;
  let caughtUp = false;
  const late: Copy = {
    ...copy,
    tables: () => (caughtUp ? known : copy).tables(),
    asOf: async () => {
      caughtUp = true;
      return later(1_000);
    },
  };
  expect((await find(late)).reference).toBe("KNOWN");
  expect(looks()).toBeGreaterThan(1);
});

test("an id that says it was made long ago is told missing at once, where the copy follows", async () => {
  const { copy } = copyOf({ asOf: () => later(-60_000) });
  const { reference, tookMs } = await find(copy, anHourAgo, 8_000);
  expect(reference).toBe("MISSING");
  expect(tookMs).toBeLessThan(1_000);
});

test("what is no id is told missing at once, even where the copy does not follow", async () => {
  for (const id of ["account_1", "", "account_ILOU", "Acme"]) {
    const { copy, looks } = copyOf({ state: "waiting" });
    expect((await find(copy, id, 8_000)).reference).toBe("MISSING");
    expect(looks()).toBe(1);
  }
});

test("nothing follows from the silence of a copy that does not follow its source, or lags behind", async () => {
  expect((await find(copyOf({ state: "backfilling" }).copy)).reference).toBe("UNSURE");
  expect((await find(copyOf({ asOf: () => undefined }).copy)).reference).toBe("UNSURE");
  expect((await find(copyOf({ asOf: () => later(-1_000) }).copy)).reference).toBe("UNSURE");
  expect((await find(copyOf({ asOf: () => later(-2 * 3_600_000) }).copy, anHourAgo)).reference).toBe("UNSURE");
});

test("no more than half of the time that a command has left goes into it", async () => {
  const { tookMs } = await find(copyOf({ asOf: () => undefined }).copy, newId("account"), 800);
  expect(tookMs).toBeLessThan(800);
});
