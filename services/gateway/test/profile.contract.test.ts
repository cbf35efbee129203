import { reject } from "@keynode/decider/domain-error";
import { expect, it } from "vitest";
import { type Handler, problemIn, startFakeService, startTestGateway } from "./fixtures/test-gateway.ts";

const ACCOUNT = "account_01jz8m3k5qf7x9v2t4w6y8a0bc";
const PATH = `/v1/accounts/${ACCOUNT}:profile`;

/** Every service is the fake one, but those named listen nowhere. */
const startAll = async (handler: Handler, down: readonly string[] = []) => {
  const services = ["account", "opportunity", "contract", "service", "engagement", "lead"];
  const fake = await startFakeService(handler);
  const gateway = await startTestGateway({
    upstreams: Object.fromEntries(services.map((name) => [name, down.includes(name) ? 1 : fake.port])),
  });
  return { ...gateway, received: fake.received, stop: fake.stop };
};

type Section = { items?: unknown[]; nextPageToken?: string; error?: { status: number; code: string } };
type ProfileBody = { account: { id?: string; error?: { code: string } }; sections: Record<string, Section> };

const reply: Handler = ({ method }) => {
  if (method.endsWith("/GetAccount")) return { json: { id: ACCOUNT, etag: "1" } };
  if (method.endsWith("/ListOpportunities")) {
    return { json: { opportunities: [{ id: "opportunity_1" }], nextPageToken: "more" } };
  }
  return { json: {} };
};

it("is composed of the account and one section for each List method that opted in", async () => {
  const { send, received } = await startAll(reply);
  const response = await send(PATH);
  expect(response.status).toBe(200);
  const { account, sections } = (await response.json()) as ProfileBody;
  expect(account).toEqual({ id: ACCOUNT, etag: "1" });
  expect(Object.keys(sections)).toEqual(
    expect.arrayContaining(["opportunities", "contacts", "contracts", "cases", "tasks"]),
  );
  expect(sections["opportunities"]).toEqual({ items: [{ id: "opportunity_1" }], nextPageToken: "more" });
  expect(sections["contacts"]).toEqual({ items: [] });
  const list = received.find(({ method }) => method.endsWith("/ListOpportunities"));
  expect(list?.request).toEqual({ pageSize: 20, filter: `accountId = "${ACCOUNT}"` });
});

it("stays readable when services are down, slow, broken or refuse", async () => {
  const { send } = await startAll(
    (received) => {
      if (received.method.endsWith("/ListCases")) return { refusal: reject("PERMISSION_DENIED") };
      if (received.method.endsWith("/ListTasks")) return { code: "INTERNAL" };
      return reply(received);
    },
    ["opportunity"],
  );
  const response = await send(PATH);
  expect(response.status).toBe(200);
  const { account, sections } = (await response.json()) as ProfileBody;
  expect(account.id).toBe(ACCOUNT);
  expect(sections["opportunities"]?.error).toMatchObject({ status: 503, code: "UPSTREAM_UNAVAILABLE" });
  expect(sections["cases"]?.error).toMatchObject({ status: 403, code: "PERMISSION_DENIED" });
  expect(sections["tasks"]?.error).toMatchObject({ status: 500, code: "INTERNAL" });
  expect(sections["contacts"]).toEqual({ items: [] });
});

it("shows the sections when the account's own service is down", async () => {
  const { send } = await startAll(reply, ["account"]);
  const { account, sections } = (await (await send(PATH)).json()) as ProfileBody;
  expect(account.error).toMatchObject({ code: "UPSTREAM_UNAVAILABLE" });
  expect(sections["opportunities"]?.items).toHaveLength(1);
});

it("of an account that is not there is 404, of one out of sight 403", async () => {
  for (const [reason, status] of [
    ["NOT_FOUND", 404],
    ["PERMISSION_DENIED", 403],
  ] as const) {
    const { send } = await startAll((received) =>
      received.method.endsWith("/GetAccount") ? { refusal: reject(reason) } : reply(received),
    );
    const response = await send(PATH);
    expect([response.status, (await problemIn(response)).code]).toEqual([status, reason]);
  }
});

it("an id cannot break out of the sections' filter", async () => {
  const { send, received } = await startAll(reply);
  await send(`/v1/accounts/${encodeURIComponent('a" OR id != "')}:profile`);
  const list = received.find(({ method }) => method.endsWith("/ListOpportunities"));
  expect(list?.request).toMatchObject({ filter: 'accountId = "a\\" OR id != \\""' });
});

it("needs a credential, and takes no parameters but the account's read mask", async () => {
  const { url, send } = await startAll(reply);
  expect((await fetch(url + PATH)).status).toBe(401);
  expect((await send(`${PATH}?readMask=id`)).status).toBe(200);
  expect((await problemIn(await send(`${PATH}?pageSize=5`))).errors).toMatchObject([{ parameter: "pageSize" }]);
});
