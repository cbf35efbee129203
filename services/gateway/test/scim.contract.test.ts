import { HttpAnswer } from "@keynode/contracts/crm/chassis/v1/http_answer";
import { reject } from "@keynode/decider/domain-error";
import { onTestFinished, describe, expect, it } from "vitest";
import { type Handler, startFakeService, startTestGateway } from "./fixtures/test-gateway.ts";

const type = "application/scim+json";
const body = { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], id: "u1" };

const httpBody = (answer: Partial<HttpAnswer>, content: object | undefined = body) => ({
  json: {
    contentType: type,
    data: content === undefined ? "" : Buffer.from(JSON.stringify(content)).toString("base64"),
    extensions: [{ "@type": "type.googleapis.com/crm.chassis.v1.HttpAnswer", ...answer }],
  },
});

/** A gateway in front of an identity service that answers as told. */
const behind = async (handler: Handler) => {
  const identity = await startFakeService(handler);
  onTestFinished(identity.stop);
  const { send } = await startTestGateway({ upstreams: { identity: identity.port } });
  return { send, received: identity.received };
};

describe("an answer of any type", () => {
  it("has the status, location and version that the service says", async () => {
    const { send, received } = await behind(() => httpBody({ status: 201, location: "/scim/v2/Users/u1", etag: "1" }));
    const sent = JSON.stringify({ userName: "wang@example.com" });
    const response = await send("/scim/v2/Users", { method: "POST", headers: { "content-type": type }, body: sent });
    expect(response.status).toBe(201);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": type,
      location: "/scim/v2/Users/u1",
      etag: '"1"',
    });
    expect(await response.json()).toEqual(body);
    expect(received[0]?.request).toEqual({
      resource: { contentType: type, data: Buffer.from(sent).toString("base64") },
    });
  });
  it("has no body when there is none to have", async () => {
    const { send, received } = await behind(() => httpBody({ status: 204 }, undefined));
    const response = await send("/scim/v2/Users/u1", { method: "DELETE" });
    expect(response.status).toBe(204);
    expect(await response.text()).toBe("");
    expect(received[0]?.request).toEqual({ userId: "u1" });
  });
  it("is not sent again to a client that has this version", async () => {
    const { send } = await behind(() => httpBody({ status: 200, etag: "7" }));
    expect((await send("/scim/v2/Users/u1", { headers: { "if-none-match": '"7"' } })).status).toBe(304);
    expect((await send("/scim/v2/Users/u1", { headers: { "if-none-match": '"6"' } })).status).toBe(200);
  });
  it.each([{ status: 302 }, { status: 500 }, { status: 0 }])(
    "is 200 where a service says anything else: %o",
    async (answer) => {
      const { send } = await behind(() => httpBody(answer));
      expect((await send("/scim/v2/Users/u1")).status).toBe(200);
    },
  );
  it.each(["https://evil.example", "//evil.example", "/a\r\nset-cookie: a=b"])(
    "sends nobody elsewhere: %j",
    async (location) => {
      const { send } = await behind(() => httpBody({ status: 201, location }));
      const response = await send("/scim/v2/Users/u1");
      expect(response.headers.get("location")).toBeNull();
      expect(response.headers.get("set-cookie")).toBeNull();
    },
  );
  it("is asked for by a name of many words, whose colons are no verb's", async () => {
    const uri = "urn:ietf:params:scim:schemas:core:2.0:User";
    for (const written of [uri, encodeURIComponent(uri)]) {
      const { send, received } = await behind(() => httpBody({}));
      expect((await send(`/scim/v2/Schemas/${written}`)).status, written).toBe(200);
      expect(received[0]?.request).toEqual({ uri });
    }
  });
  it("is asked for with the filter and page of the query", async () => {
    const { send, received } = await behind(() => httpBody({}));
    const filter = 'userName eq "wang@example.com"';
    await send(`/scim/v2/Users?filter=${encodeURIComponent(filter)}&startIndex=1&count=0&excludedAttributes=groups`);
    expect(received[0]?.request).toEqual({ filter, startIndex: 1, count: 0, excludedAttributes: "groups" });
  });
});

describe("a refusal in SCIM's words", () => {
  const errorIn = async (response: Response) => {
    expect(response.headers.get("content-type")).toBe(type);
    return (await response.json()) as { status: string; scimType?: string; detail: string; schemas: string[] };
  };
  const errors = { USER_EXISTS: { code: "ALREADY_EXISTS", message: { en: "There is one.", zh: "已存在。" } } } as const;

  it("has the kind that the service names", async () => {
    const { send } = await behind(() => ({ refusal: reject("USER_EXISTS", { scimType: "uniqueness" }), errors }));
    const response = await send("/scim/v2/Users", { method: "POST", headers: { "content-type": type }, body: "{}" });
    expect(response.status).toBe(409);
    expect(await errorIn(response)).toEqual({
      schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
      status: "409",
      scimType: "uniqueness",
      detail: "There is one.",
    });
  });
  it("is the gateway's own, too: without a credential, and by a parameter that there is none of", async () => {
    const { send } = await behind(() => httpBody({}));
    const stranger = await send("/scim/v2/Users", { headers: { authorization: "Bearer bad" } });
    expect(stranger.status).toBe(401);
    expect(await errorIn(stranger)).toMatchObject({ status: "401" });
    const odd = await send("/scim/v2/Users?colour=red");
    expect(odd.status).toBe(400);
    expect((await errorIn(odd)).detail).toContain("colour");
  });
  it.each([
    ["GET", "/scim/v2/Me", 404],
    ["GET", "/scim/v2/Users/u1/groups", 404],
    ["POST", "/scim/v2/Bulk", 404],
    ["GET", "/scim", 404],
    ["POST", "/scim/v2/Schemas", 405],
    ["GET", "/scim/v2/Users/%zz", 400],
  ])("is what is said of %s %s, too, which is no route", async (method, path, status) => {
    const { send } = await behind(() => httpBody({}));
    const response = await send(path, { method });
    expect(response.status).toBe(status);
    expect(await errorIn(response)).toMatchObject({
      schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
      status: String(status),
    });
  });
  it.each([
    ['{"active":true,"active":false}', "#/active: The field is given more than once."],
    ['{"Operations":[{"op":"add","op":"remove"}]}', "#/Operations/0/op: The field is given more than once."],
    ['{"__proto__":1,"__proto__":2}', "#/__proto__: The field is given more than once."],
    ['{"displayName":"\\ud800"}', "#/displayName: The text holds half of a surrogate pair."],
    [`{"a":${"[".repeat(100)}${"]".repeat(100)}}`, ": The value is nested too deeply."],
  ])("names what a body could be read in two ways by, and the service is not asked: %s", async (sent, told) => {
    const { send, received } = await behind(() => httpBody({}));
    for (const contentType of [type, "text/plain"]) {
      const request = { method: "PATCH", headers: { "content-type": contentType }, body: sent };
      const response = await send("/scim/v2/Users/u1", request);
      expect(response.status).toBe(400);
      const error = await errorIn(response);
      expect(error.scimType).toBe("invalidSyntax");
      expect(error.detail).toContain(told);
    }
    expect(received).toEqual([]);
  });
  it("is the service's where a body is no JSON at all, and the gateway's where it is no text", async () => {
    const { send, received } = await behind(() => ({ refusal: reject("USER_EXISTS", {}), errors }));
    await send("/scim/v2/Users", { method: "POST", headers: { "content-type": type }, body: "{" });
    expect(received).toHaveLength(1);
    const bytes = new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]);
    const response = await send("/scim/v2/Users", { method: "POST", headers: { "content-type": type }, body: bytes });
    expect([response.status, (await errorIn(response)).status]).toEqual([400, "400"]);
    expect(received).toHaveLength(1);
  });
  it("is not what others hear", async () => {
    const { send } = await behind(() => httpBody({}));
    const response = await send("/v1/scim/v2/Users");
    expect([response.status, response.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
  });
});
