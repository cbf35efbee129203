import { connect } from "node:net";
import { reject } from "@keynode/decider/domain-error";
import { afterEach, describe, expect, it } from "vitest";
import { problemIn, shareTestGateway, startTestGateway } from "./fixtures/test-gateway.ts";

const gateway = shareTestGateway();
const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

/** The service is never asked about what the gateway refuses; tests that let something pass take it away. */
afterEach(() => expect(gateway().received.splice(0)).toEqual([]));

describe("what is wrong with a request is named, all of it, and the service is not called", () => {
  it("unknown fields, wrong types, repeated fields and bad parameters at once", async () => {
    const { sendJson } = gateway();
    const body =
      '{"name":5,"nmae":"x","kind":"CRATE","price":{"units":"1.5","curency":"CNY"},"parts":[{"weightGrams":"9223372036854775808"},{"nmae":1}],' +
      '"labels":{"a/b~c":7},"count":1,"count":2,"__proto__":{"isAdmin":true},"createTime":"yesterday"}';
    const response = await sendJson("POST", "/v1/things?bxo=1&box=a&box=b&pageSize=1", body);
    const problem = await problemIn(response);
    expect([response.status, problem.status, problem.code]).toEqual([400, 400, "INVALID_REQUEST"]);
    const named = (problem.errors ?? []).map(({ pointer, parameter, field, code }) => [
      pointer ?? `?${parameter}`,
      field,
      code,
    ]);
    expect(new Set(named.map((one) => one.join(" ")))).toEqual(
      new Set([
        "#/name thing.name EXPECTED_STRING",
        "#/nmae thing.nmae UNKNOWN_FIELD",
        "#/kind thing.kind EXPECTED_ENUM",
        "#/price/units thing.price.units EXPECTED_INTEGER_TEXT",
        "#/price/curency thing.price.curency UNKNOWN_FIELD",
        "#/parts/0/weightGrams thing.parts[0].weight_grams OUT_OF_RANGE",
        "#/parts/1/nmae thing.parts[1].nmae UNKNOWN_FIELD",
        '#/labels/a~1b~0c thing.labels["a/b~c"] EXPECTED_STRING',
        "#/count thing.count DUPLICATE_FIELD",
        "#/__proto__ thing.__proto__ UNKNOWN_FIELD",
        "#/createTime thing.create_time EXPECTED_TIMESTAMP",
        "?bxo bxo UNKNOWN_FIELD",
        "?box box DUPLICATE_FIELD",
        "?pageSize pageSize UNKNOWN_FIELD",
      ]),
    );
    expect(Object.hasOwn(Object.prototype, "isAdmin")).toBe(false);
  });

  it("in the client's language", async () => {
    const { sendJson } = gateway();
    const problem = await problemIn(await sendJson("POST", "/v1/things", { name: 5 }, { "accept-language": "zh" }));
    expect(problem.detail).toContain("请求无效");
    expect(problem.errors?.[0]?.message).toBe("应为字符串。");
  });

  it.each([
    ["pageSize=ten", "?pageSize page_size EXPECTED_INTEGER"],
    ["pageSize=", "?pageSize page_size EXPECTED_INTEGER"],
    ["pageSize=99999999999", "?pageSize page_size OUT_OF_RANGE"],
    ["showDeleted=yes", "?showDeleted show_deleted EXPECTED_BOOLEAN"],
    ["kinds=CRATE", "?kinds kinds[0] EXPECTED_ENUM"],
    ["since=yesterday", "?since since EXPECTED_TIMESTAMP"],
    ["readMask=a_b", "?readMask read_mask EXPECTED_FIELD_MASK"],
    ["minPrice.unit=1", "?minPrice.unit min_price.unit UNKNOWN_FIELD"],
    ["minPrice=1", "?minPrice min_price UNKNOWN_FIELD"],
    ["labels.a=b", '?labels.a labels["a"] UNKNOWN_FIELD'],
    ["like.parts.name=b", "?like.parts.name like.parts[name] UNKNOWN_FIELD"],
    ["filter=a&filter=b", "?filter filter DUPLICATE_FIELD"],
    ["filter=%zz", "?filter filter INVALID_UNICODE"],
    ["filter=%c0%af", "?filter filter INVALID_UNICODE"],
    ["__proto__=1", "?__proto__ __proto__ UNKNOWN_FIELD"],
  ])("the query %s", async (query, expected) => {
    const { send } = gateway();
    const problem = await problemIn(await send(`/v1/things?${query}`));
    expect(problem.errors?.map(({ parameter, field, code }) => `?${parameter} ${field} ${code}`)).toEqual([expected]);
  });

  it("a path that contradicts the body", async () => {
    const { sendJson } = gateway();
    const update = await problemIn(await sendJson("PATCH", "/v1/things/t1", { id: "t2" }));
    expect(update.errors).toMatchObject([{ parameter: "id", field: "thing.id", code: "PATH_MISMATCH" }]);
    const rename = await problemIn(await sendJson("POST", "/v1/things/t1:rename", { id: "t2" }));
    expect(rename.errors).toMatchObject([{ parameter: "id", field: "id", code: "PATH_MISMATCH" }]);
  });

  it("a body that is no object", async () => {
    const { sendJson } = gateway();
    for (const body of ["[]", '"x"', "5", "null"]) {
      expect((await problemIn(await sendJson("POST", "/v1/things/t1:rename", body))).errors).toMatchObject([
        { pointer: "#", code: "EXPECTED_OBJECT" },
      ]);
    }
    expect((await problemIn(await sendJson("POST", "/v1/things", "[]"))).errors).toMatchObject([
      { pointer: "#", field: "thing", code: "EXPECTED_OBJECT" },
    ]);
  });

  it("a hundred wrong places are told, not ten thousand", async () => {
    const { sendJson } = gateway();
    const body = { requests: Array.from({ length: 10_000 }, () => ({ x: 1 })) };
    expect((await problemIn(await sendJson("POST", "/v1/things:batchCreate", body))).errors).toHaveLength(100);
  });
});

describe("bodies", () => {
  it.each([
    ["{", "INVALID_JSON"],
    ['{"name":"a"} x', "INVALID_JSON"],
    ["{'name':'a'}", "INVALID_JSON"],
    ['{"name":NaN}', "INVALID_JSON"],
    ["\ufeff{}", "INVALID_JSON"],
  ])("%j is %s", async (body, code) => {
    const { sendJson } = gateway();
    const response = await sendJson("POST", "/v1/things", body);
    expect([response.status, (await problemIn(response)).code]).toEqual([400, code]);
  });

  it("that are not UTF-8", async () => {
    const { send } = gateway();
    const response = await send("/v1/things", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]),
    });
    expect((await problemIn(response)).code).toBe("INVALID_ENCODING");
  });

  it("with halves of surrogate pairs", async () => {
    const { sendJson } = gateway();
    const problem = await problemIn(await sendJson("POST", "/v1/things", '{"name":"\\ud800"}'));
    expect(problem.errors).toMatchObject([{ pointer: "#/name", code: "INVALID_UNICODE" }]);
  });

  it("nested without end, by arrays, objects and messages that contain themselves", async () => {
    const { sendJson } = gateway();
    for (const body of ["[".repeat(500_000), '{"labels":'.repeat(50_000), `{"parts":${"[".repeat(100)}`]) {
      const problem = await problemIn(await sendJson("POST", "/v1/things", body));
      expect([problem.status, problem.errors?.[0]?.code]).toEqual([400, "TOO_DEEP"]);
    }
  });

  it.each([
    ["text/plain", undefined],
    ["application/xml", undefined],
    ["application/json; charset=latin1", undefined],
    ["application/json", "gzip"],
  ])("of type %s, encoded as %s", async (type, encoding) => {
    const { send } = gateway();
    const headers = { "content-type": type, ...(encoding && { "content-encoding": encoding }) };
    const response = await send("/v1/things", { method: "POST", headers, body: "{}" });
    expect([response.status, (await problemIn(response)).code]).toEqual([415, "UNSUPPORTED_MEDIA_TYPE"]);
    expect(response.headers.get("accept")).toBe("application/json");
  });

  it("of type application/json; charset=UTF-8 are taken", async () => {
    const { sendJson, received } = gateway();
    expect(
      (await sendJson("POST", "/v1/things", {}, { "content-type": "application/json; charset=UTF-8" })).status,
    ).toBe(200);
    expect(received.splice(0)).toHaveLength(1);
  });

  it("of a mebibyte are taken, larger ones refused; a batch may have ten", async () => {
    const { sendJson, received } = gateway();
    const sized = (bytes: number) => JSON.stringify({ name: "a".repeat(bytes - '{"name":""}'.length) });
    expect((await sendJson("POST", "/v1/things", sized(1024 * 1024))).status).toBe(200);
    const refused = await sendJson("POST", "/v1/things", sized(1024 * 1024 + 1));
    expect([refused.status, (await problemIn(refused)).metadata]).toEqual([413, { limitBytes: "1048576" }]);
    const batch = { requests: Array.from({ length: 9 }, () => ({ thing: { name: "a".repeat(1_000_000) } })) };
    expect((await sendJson("POST", "/v1/things:batchCreate", batch)).status).toBe(200);
    expect(received.splice(0)).toHaveLength(2);
  });

  it("of 100 MB, announced or not, are refused while they arrive, without being kept", async () => {
    const { url } = gateway();
    const chunk = Buffer.alloc(1024 * 1024, 0x20);
    const chunks = function* () {
      for (let index = 0; index < 100; index++) yield chunk;
    };
    const before = process.memoryUsage.rss();
    const response = await fetch(`${url}/v1/things`, {
      method: "POST",
      headers: { authorization: "Bearer good", "content-type": "application/json" },
      body: ReadableStream.from(chunks()),
      duplex: "half",
    } as RequestInit);
    expect(response.status).toBe(413);
    expect((await problemIn(response)).code).toBe("BODY_TOO_LARGE");
    expect(process.memoryUsage.rss() - before).toBeLessThan(80 * 1024 * 1024);
  });

  it("are waited for only after the request was let in: 100-continue", async () => {
    const { port, received } = gateway();
    const answerTo = (head: string, body = ""): Promise<string> =>
      new Promise((resolve, fail) => {
        let text = "";
        const socket = connect(port, "127.0.0.1", () => socket.write(head));
        socket.on("data", (data) => {
          text += data.toString();
          if (text === CONTINUE) socket.write(body);
          if (text.includes("content-length")) socket.end();
        });
        socket.on("close", () => resolve(text)).on("error", fail);
      });
    const head = (credential: string, length: number) =>
      `POST /v1/things HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${credential}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\nexpect: 100-continue\r\n\r\n`;
    expect(await answerTo(head("good", 2), "{}")).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
    expect(received.splice(0)).toHaveLength(1);
    expect(await answerTo(head("bad", 2))).toMatch(/^HTTP\/1\.1 401 /);
    expect(await answerTo(head("good", 100_000_000))).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe("paths and methods", () => {
  it.each(["/v1/nothing", "/v1/things/", "/v1//things", "/v1/things/t1:unknown", "/v1/things/t1/x", "/v2/things", "/"])(
    "%s is nowhere",
    async (path) => {
      const { send } = gateway();
      const response = await send(path);
      expect([response.status, (await problemIn(response)).code]).toEqual([404, "ROUTE_NOT_FOUND"]);
    },
  );

  it("a path that exists for other methods says for which", async () => {
    const { send } = gateway();
    const response = await send("/v1/things", { method: "DELETE" });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, POST, HEAD, OPTIONS"]);
    expect((await problemIn(response)).code).toBe("METHOD_NOT_ALLOWED");
  });

  it("damaged percent-encoding", async () => {
    const { send } = gateway();
    for (const path of ["/v1/things/%zz", "/v1/%c0/t1"]) {
      expect((await problemIn(await send(path))).code).toBe("INVALID_PATH");
    }
  });

  it("what is not HTTP, and headers without end, are problems too", async () => {
    const { port } = gateway();
    const answerTo = (text: string): Promise<string> =>
      new Promise((resolve, fail) => {
        let answer = "";
        const socket = connect(port, "127.0.0.1", () => socket.write(text));
        socket.on("data", (data) => (answer += data.toString()));
        socket.on("close", () => resolve(answer)).on("error", fail);
      });
    expect(await answerTo("GARBAGE\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 [^]*application\/problem\+json/);
    expect(await answerTo(`GET / HTTP/1.1\r\nhost: x\r\nx: ${"a".repeat(70_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
  });
});

describe("headers", () => {
  it("that are wrong are named, all of them", async () => {
    const { sendJson } = gateway();
    const response = await sendJson(
      "POST",
      "/v1/things/t1:rename",
      {},
      {
        "idempotency-key": "k".repeat(256),
        "if-match": 'W/"3"',
        prefer: "wait=0",
        "keynode-consistency": "a b",
        "keynode-validate-only": "yes",
      },
    );
    const problem = await problemIn(response);
    expect([response.status, problem.code]).toEqual([400, "INVALID_HEADER"]);
    expect(problem.errors?.map(({ header }) => header)).toEqual([
      "Idempotency-Key",
      "If-Match",
      "Keynode-Validate-Only",
      "Keynode-Consistency",
      "Prefer",
    ]);
  });

  it("a request id that is none is replaced", async () => {
    const { send } = gateway();
    const response = await send("/v1/nothing", { headers: { "x-request-id": "a b" } });
    expect(response.headers.get("x-request-id")).toMatch(/^[\da-f-]{36}$/);
  });
});

describe("what a service refuses", () => {
  it("names the wrong fields in the client's words", async () => {
    const violations = [
      { field: "thing.name", reason: "STRING_MAX_LEN", description: "must have at most 20 characters" },
      { field: "thing.parts[1].weight_grams", reason: "INT64_GTE", description: "must be at least 0" },
      { field: 'thing.labels["a/b"]', reason: "STRING_MIN_LEN", description: "must not be empty" },
      { field: "thing.id", reason: "STRING_PATTERN", description: "does not have the required form" },
      { field: "update_mask", reason: "INVALID", description: "no such field" },
      { field: "", reason: "TOGETHER", description: "neither nor" },
    ];
    const { sendJson } = await startTestGateway({
      handler: () => ({ refusal: reject("INVALID_REQUEST", {}, violations) }),
    });
    const response = await sendJson("PATCH", "/v1/things/t1", { name: "x" });
    const problem = await problemIn(response);
    expect(response.status).toBe(400);
    expect(problem.errors).toEqual([
      { field: "thing.name", pointer: "#/name", code: "STRING_MAX_LEN", message: "must have at most 20 characters" },
      {
        field: "thing.parts[1].weight_grams",
        pointer: "#/parts/1/weightGrams",
        code: "INT64_GTE",
        message: "must be at least 0",
      },
      { field: 'thing.labels["a/b"]', pointer: "#/labels/a~1b", code: "STRING_MIN_LEN", message: "must not be empty" },
      { field: "thing.id", parameter: "id", code: "STRING_PATTERN", message: "does not have the required form" },
      { field: "update_mask", parameter: "updateMask", code: "INVALID", message: "no such field" },
      { field: "", code: "TOGETHER", message: "neither nor" },
    ]);
  });

  it("a stale etag is 412, a reused key 422, a wrong state 409", async () => {
    for (const [reason, status] of [
      ["ETAG_MISMATCH", 412],
      ["KEY_REUSED", 422],
      ["RECORD_DELETED", 409],
      ["NOT_FOUND", 404],
    ] as const) {
      const { sendJson } = await startTestGateway({ handler: () => ({ refusal: reject(reason, { id: "thing_1" }) }) });
      const response = await sendJson("POST", "/v1/things/t1:rename", {});
      const problem = await problemIn(response);
      expect([response.status, problem.code, problem.type, problem.metadata]).toEqual([
        status,
        reason,
        `/problems/${reason}`,
        { id: "thing_1" },
      ]);
    }
  });
});
