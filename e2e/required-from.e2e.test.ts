import { beforeAll, describe, expect, test } from "vitest";
import { type Api, eventually, newEmail } from "./api.ts";
import type { Problem } from "./records.ts";
import { newAccount } from "./steps.ts";
import { newTenant } from "./tenant.ts";

let admin: Api;
let accountId: string;

/** Every resource that has statuses or stages: where its new records begin, and one of them. */
const beginnings: Readonly<Record<string, readonly [stage: string, record: () => object]>> = {
  accounts: ["POTENTIAL", () => ({ kind: "COMPANY", name: "Acme" })],
  // Who answers is there when it comes.
  cases: ["ASSIGNED", () => ({ accountId, kind: "QUESTION", subject: "How?", channel: "CHAT" })],
  contracts: ["DRAFT", () => ({ accountId, title: "100 seats", value: { currencyCode: "CNY", units: "12000" } })],
  keyNodes: ["OPEN", () => ({ accountId, nodeType: "DEMO" })],
  leads: ["NEW", () => ({ name: "王芳", email: newEmail() })],
  opportunities: ["OPEN", () => ({ accountId, name: "100 seats", basis: { kind: "CUSTOMER_NEED" } })],
  tasks: ["OPEN", () => ({ accountId, kind: "FOLLOW_UP", subject: "Call", dueTime: "2036-01-05T00:00:00Z" })],
};
const value = { customFields: { permit: { text: "A-1" } } };

const requireFrom = (collection: string, key: string, stage: string) =>
  admin.post("/v1/customFields", {
    collection,
    key,
    kind: "TEXT",
    displayName: { en: "Permit", zh: "许可证" },
    requiredFrom: [stage],
  });

beforeAll(async () => {
  admin = await newTenant();
  ({ id: accountId } = await newAccount(admin));
  for (const [collection, [stage]] of Object.entries(beginnings)) await requireFrom(collection, "permit", stage);
  await requireFrom("opportunities", "signedBy", "WON");
});

describe.each(Object.entries(beginnings))("a new record of %s", (collection, [stage, record]) => {
  test(`does not begin as ${stage} without a value that is required from there`, async () => {
    const make = (body: object) => admin.send<Problem>("POST", `/v1/${collection}`, { body });
    // The service hears of the field within moments.
    await eventually(
      () => make(record()),
      ({ status, body }) => {
        expect(status, JSON.stringify(body)).toBe(400);
        expect(body.errors).toMatchObject([{ pointer: "#/customFields/permit", code: "CUSTOM_FIELD_REQUIRED" }]);
      },
    );
    const made = await make({ ...record(), ...value });
    expect(made.status, JSON.stringify(made.body)).toBe(200);
  });
});

type Results = { readonly results: readonly { readonly status?: { readonly code?: number } }[] };
const codes = ({ results }: Results) => results.map(({ status }) => status?.code ?? 0);

test("a record of a batch does not either, each by itself", async () => {
  const record = beginnings["leads"]?.[1];
  const requests = [{ lead: record?.() }, { lead: { ...record?.(), ...value } }];
  await eventually(
    () => admin.post<Results>("/v1/leads:batchCreate", { requests }),
    (answer) => expect(codes(answer)).toEqual([3, 0]),
  );
});

test("a deal is not imported as won without a value that is required from there", async () => {
  const close = { outcome: "WON", closeDate: { year: 2026, month: 1, day: 5 } };
  const deal = (customFields: object) => ({
    opportunity: { ...beginnings["opportunities"]?.[1](), customFields },
    close,
  });
  const signed = { ...value.customFields, signedBy: { text: "Chen" } };
  const requests = [deal(value.customFields), deal(signed), deal({ ...signed, signedBy: { number: 1 } })];
  await eventually(
    () => admin.post<Results>("/v1/opportunities:import", { requests }),
    (answer) => expect(codes(answer)).toEqual([3, 0, 3]),
  );
});

test("a visitor's form, which has no place for such values, is taken all the same", async () => {
  await admin.post("/v1/forms:submit", { formName: "contact-us", name: "王芳", email: newEmail() });
});
