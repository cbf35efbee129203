import { expect, it } from "vitest";
import { startTestGateway } from "./fixtures/test-gateway.ts";

it("a path variable fills its field, decoded", async () => {
  const { send, received } = await startTestGateway({ handler: () => ({ json: { id: "a/b", name: "box" } }) });
  const response = await send("/v1/things/a%2Fb%20c");
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(await response.json()).toEqual({ id: "a/b", name: "box" });
  expect(received[0]).toMatchObject({ method: "crm.fixture.v1.ThingService/GetThing", request: { id: "a/b c" } });
});

it("an additional binding leads to the same method with more fields", async () => {
  const { send, received } = await startTestGateway();
  await send("/v1/boxes/b1/things/t1");
  expect(received[0]?.request).toEqual({ id: "t1", box: "b1" });
});

it("a variable of many segments keeps its slashes", async () => {
  const { send, received } = await startTestGateway();
  await send("/v1/shelves/s%201/boxes/b/c/d");
  expect(received[0]?.request).toEqual({ path: "shelves/s 1/boxes/b/c/d" });
});

it("query parameters fill numbers, enums, lists, times, masks, wrappers and nested messages", async () => {
  const { send, received } = await startTestGateway({ handler: () => ({ json: {} }) });
  const response = await send(
    "/v1/things?pageSize=20&filter=name+%3D+%22a%26b%22&kinds=BOX&kinds=SHELF&minPrice.currencyCode=CNY&min_price.units=9007199254740993" +
      "&since=2026-01-31T08:30:00%2B08:00&readMask=name,createTime&showDeleted=true&fragile=false&sizes=1&sizes=2&like.name=box&like.isFragile=true",
  );
  expect(response.status).toBe(200);
  expect(received[0]?.request).toEqual({
    pageSize: 20,
    filter: 'name = "a&b"',
    kinds: ["BOX", "SHELF"],
    minPrice: { currencyCode: "CNY", units: "9007199254740993" },
    since: "2026-01-31T00:30:00Z",
    readMask: "name,createTime",
    showDeleted: true,
    fragile: false,
    sizes: ["1", "2"],
    like: { name: "box", isFragile: true },
  });
});

it("a filter and a page token as long as they may be fit, whatever the script", async () => {
  const { send, received } = await startTestGateway();
  const filter = "客".repeat(2_048);
  const response = await send(`/v1/things?filter=${encodeURIComponent(filter)}&pageToken=${"a".repeat(2_048)}`);
  expect(response.status).toBe(200);
  expect(received[0]?.request).toMatchObject({ filter });
});

it("a list answers its list even when it is empty", async () => {
  const { send } = await startTestGateway();
  expect(await (await send("/v1/things")).json()).toEqual({ things: [] });
});

it("a body fills the field it is meant for", async () => {
  const { sendJson, received } = await startTestGateway();
  const response = await sendJson("POST", "/v1/things?box=b1", {
    name: "box",
    parts: [{ weightGrams: "9007199254740993" }],
  });
  expect(response.status).toBe(200);
  expect(received[0]?.request).toEqual({
    thing: { name: "box", parts: [{ weightGrams: "9007199254740993" }] },
    box: "b1",
  });
});

it("a body fills all that the path leaves, and an empty one nothing", async () => {
  const { sendJson, send, received } = await startTestGateway();
  await sendJson("POST", "/v1/things/t1:rename", { name: "shelf" });
  await send("/v1/things/t2:rename", { method: "POST" });
  expect(received.map(({ request }) => request)).toEqual([{ id: "t1", name: "shelf" }, { id: "t2" }]);
});

it("PATCH without a mask changes the fields that the body names, null and defaults among them, but no output", async () => {
  const { sendJson, received } = await startTestGateway();
  const body = {
    id: "t1",
    etag: "3",
    createTime: "2026-01-01T00:00:00Z",
    name: null,
    is_fragile: false,
    count: 0,
    price: {},
  };
  const response = await sendJson("PATCH", "/v1/things/t1", body);
  expect(response.status).toBe(200);
  expect(received[0]?.request).toEqual({
    thing: { id: "t1", etag: "3", createTime: "2026-01-01T00:00:00Z", count: 0, price: {} },
    updateMask: "name,price,count,isFragile",
  });
});

it("PATCH without a mask changes the entries of a map that the body names, null clearing one, and leaves the others", async () => {
  const { sendJson, received } = await startTestGateway();
  await sendJson("PATCH", "/v1/things/t1", { labels: { colour: "red", shoeSize: null } });
  await sendJson("PATCH", "/v1/things/t1", { labels: {} });
  await sendJson("PATCH", "/v1/things/t1", { labels: null });
  await sendJson("PATCH", "/v1/things/t1", { labels: { "no name": "x" } });
  expect(received.map(({ request }) => request)).toEqual([
    { thing: { id: "t1", labels: { colour: "red" } }, updateMask: "labels.colour,labels.shoeSize" },
    { thing: { id: "t1" } },
    { thing: { id: "t1" }, updateMask: "labels" },
    { thing: { id: "t1", labels: { "no name": "x" } }, updateMask: "labels" },
  ]);
});

it("PATCH with a mask changes what the mask says", async () => {
  const { sendJson, received } = await startTestGateway();
  await sendJson("PATCH", "/v1/things/t1?updateMask=labels,name", { name: "box", count: 5 });
  expect(received[0]?.request).toMatchObject({ updateMask: "labels,name" });
});

it("response_body answers that field alone", async () => {
  const { send } = await startTestGateway({ handler: () => ({ json: { id: "t1", parts: [{ name: "lid" }] } }) });
  expect(await (await send("/v1/things/t1/parts")).json()).toEqual([{ name: "lid" }]);
});

it("a raw body goes through untouched, with its type", async () => {
  const { send, received } = await startTestGateway({ handler: () => ({ json: { id: "t1" } }) });
  const body = new Uint8Array([0, 255, 1, 2]);
  const response = await send("/v1/things/t1:uploadPicture?title=front", {
    method: "POST",
    headers: { "content-type": "image/png" },
    body,
  });
  expect(response.status).toBe(200);
  expect(received[0]?.request).toEqual({
    id: "t1",
    title: "front",
    picture: { contentType: "image/png", data: Buffer.from(body).toString("base64") },
  });
});

it("google.api.HttpBody as request and answer", async () => {
  const { send, received } = await startTestGateway({
    handler: () => ({ json: { contentType: "image/png", data: Buffer.from([0, 255]).toString("base64") } }),
  });
  const picture = await send("/v1/things/t1:downloadPicture");
  expect(picture.headers.get("content-type")).toBe("image/png");
  expect(Buffer.from(await picture.arrayBuffer())).toEqual(Buffer.from([0, 255]));
  await send("/v1/things:ingest", { method: "POST", headers: { "content-type": "text/csv" }, body: "a,b" });
  expect(received[1]?.request).toEqual({ contentType: "text/csv", data: Buffer.from("a,b").toString("base64") });
});

it("a content type that would start a header of its own is not passed on", async () => {
  const { send } = await startTestGateway({
    handler: () => ({ json: { contentType: "text/html\r\nset-cookie: a=b", data: "" } }),
  });
  const response = await send("/v1/things/t1:downloadPicture");
  expect(response.headers.get("content-type")).toBe("application/octet-stream");
  expect(response.headers.get("set-cookie")).toBeNull();
});

it("the service of a chassis method is the one the path names, and only one that the contract knows", async () => {
  const { send, received } = await startTestGateway();
  expect((await send("/v1/services/fixture/things")).status).toBe(200);
  expect(received[0]?.request).toEqual({ service: "fixture" });
  expect((await send("/v1/services/example.com/things")).status).toBe(404);
  expect((await send("/v1/services/chassis/things")).status).toBe(404);
});

it("a method that is for services only has no route", async () => {
  const { send } = await startTestGateway();
  for (const path of ["/crm.fixture.v1.ThingService/ReadSecrets", "/v1/things:readSecrets"]) {
    expect((await send(path, { method: "POST" })).status).toBe(404);
  }
});

it("HEAD answers as GET without a body, OPTIONS names the methods", async () => {
  const { send } = await startTestGateway({ handler: () => ({ json: { id: "t1", etag: "4" } }) });
  const head = await send("/v1/things/t1", { method: "HEAD" });
  expect([head.status, head.headers.get("etag"), await head.text()]).toEqual([200, '"4"', ""]);
  expect(Number(head.headers.get("content-length"))).toBeGreaterThan(0);
  const options = await send("/v1/things/t1", { method: "OPTIONS" });
  expect([options.status, options.headers.get("allow")]).toEqual([204, "GET, PATCH, HEAD, OPTIONS"]);
});

it("a record's etag is its ETag, and a client that has it gets 304", async () => {
  const { send } = await startTestGateway({ handler: () => ({ json: { id: "t1", etag: "4" } }) });
  const first = await send("/v1/things/t1");
  expect(first.headers.get("etag")).toBe('"4"');
  expect(first.headers.get("cache-control")).toBe("private, no-cache");
  for (const tag of ['"4"', 'W/"4"', '"3", "4"', "*"]) {
    const again = await send("/v1/things/t1", { headers: { "if-none-match": tag } });
    expect([again.status, await again.text(), again.headers.get("etag")]).toEqual([304, "", '"4"']);
  }
  expect((await send("/v1/things/t1", { headers: { "if-none-match": '"5"' } })).status).toBe(200);
});

it("headers go along as metadata: key, etag, language, trace, request id, consistency, deadline", async () => {
  const { sendJson, received } = await startTestGateway({
    handler: () => ({ json: { id: "t1", etag: "4" }, trailers: { "keynode-consistency": "after" } }),
  });
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const before = Date.now();
  const response = await sendJson(
    "POST",
    "/v1/things/t1:rename",
    {},
    {
      "idempotency-key": '"k-1"',
      "if-match": '"3"',
      "accept-language": "zh-CN,zh;q=0.9,en;q=0.8",
      "x-request-id": "req-1",
      "keynode-consistency": "before",
      prefer: "respond-async, wait=5",
      traceparent,
    },
  );
  const { metadata, deadline } = received[0] ?? {};
  const value = (key: string) => metadata?.get(key)[0];
  expect(["idempotency-key", "if-match", "accept-language", "x-request-id", "keynode-consistency"].map(value)).toEqual([
    "k-1",
    "3",
    "zh",
    "req-1",
    "before",
  ]);
  expect(value("traceparent")).toContain("0af7651916cd43dd8448eb211c80319c");
  expect(value("authorization")).toMatch(/^Bearer ey/);
  expect(Number(deadline) - before).toBeGreaterThan(3_000);
  expect(Number(deadline) - before).toBeLessThan(5_500);
  expect(response.headers.get("x-request-id")).toBe("req-1");
  expect(response.headers.get("keynode-consistency")).toBe("after");
});

it("a read takes no idempotency key and no If-Match, and never waits longer than the gateway does", async () => {
  const { send, received } = await startTestGateway();
  await send("/v1/things/t1", { headers: { "idempotency-key": "k", "if-match": '"1"', prefer: "wait=999" } });
  const { metadata, deadline } = received[0] ?? {};
  expect(metadata?.get("idempotency-key")).toEqual([]);
  expect(metadata?.get("if-match")).toEqual([]);
  expect(Number(deadline) - Date.now()).toBeLessThan(10_500);
});

it("a write that is only to be validated says so to its service, and a read does not", async () => {
  const { send, sendJson, received } = await startTestGateway();
  const header = { "keynode-validate-only": "true" };
  await sendJson("POST", "/v1/things/t1:rename", {}, header);
  await sendJson("POST", "/v1/things/t1:rename", {}, { "keynode-validate-only": "false" });
  await send("/v1/things/t1", { headers: header });
  expect(received.map(({ metadata }) => metadata.get("keynode-validate-only"))).toEqual([["true"], [], []]);
});

it("a stream is one JSON object a line, and ends with the problem when it breaks", async () => {
  const { send } = await startTestGateway({
    handler: () => ({ stream: [{ id: "a" }, { id: "b", name: "line\nbreak" }], end: "UNAVAILABLE" }),
  });
  const response = await send("/v1/things:watch");
  expect(response.headers.get("content-type")).toBe("application/x-ndjson");
  const lines = (await response.text())
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  expect(lines.slice(0, 2)).toEqual([{ id: "a" }, { id: "b", name: "line\nbreak" }]);
  expect(lines[2]).toMatchObject({ error: { status: 503, code: "UPSTREAM_UNAVAILABLE" } });
});

it("a stream that fails before its first message is a problem as any other", async () => {
  const { send } = await startTestGateway({ handler: () => ({ code: "UNAVAILABLE" }) });
  const response = await send("/v1/things:watch");
  expect([response.status, response.headers.get("content-type")]).toEqual([503, "application/problem+json"]);
});

it("a long stream arrives whole, however slowly it is read", async () => {
  const stream = Array.from({ length: 3_000 }, (_, index) => ({ id: String(index), name: "x".repeat(1_000) }));
  const { send } = await startTestGateway({ handler: () => ({ stream }) });
  const text = await (await send("/v1/things:watch")).text();
  expect(text.trimEnd().split("\n")).toHaveLength(3_000);
});

it("a client that hangs up ends its call, unary and stream", async () => {
  const { send, received } = await startTestGateway({ handler: () => "never" });
  for (const [index, path] of ["/v1/things/t1", "/v1/things:watch"].entries()) {
    const controller = new AbortController();
    const answer = send(path, { signal: controller.signal }).catch((error: unknown) => error);
    await expect.poll(() => received.length).toBe(index + 1);
    controller.abort();
    await answer;
    await received[index]?.cancelled;
  }
});
