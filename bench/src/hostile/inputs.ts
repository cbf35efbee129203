/** A request that nobody means well by. */
export type HostileInput = {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: () => string | ReadableStream;
};

const JSON_TYPE = { "content-type": "application/json" };
const MIB = 1024 * 1024;

const post = (name: string, body: () => string, path = "/v1/leads"): HostileInput => ({
  name,
  method: "POST",
  path,
  headers: JSON_TYPE,
  body,
});
const list = (name: string, query: Readonly<Record<string, string>>): HostileInput => ({
  name,
  method: "GET",
  path: `/v1/leads?${new URLSearchParams(query).toString()}`,
});

/** Large bodies in pieces of a mebibyte, without a length. */
const spaces = (mebibytes: number): ReadableStream =>
  ReadableStream.from(
    (function* () {
      const chunk = Buffer.alloc(MIB, 0x20);
      for (let count = 0; count < mebibytes; count++) yield chunk;
    })(),
  );

/** What a service on the open net is sent, and what each part of ours would choke on if it were careless. */
export const HOSTILE: readonly HostileInput[] = [
  post("deep objects", () => '{"a":'.repeat(200_000)),
  post("deep arrays", () => `{"needs":${"[".repeat(400_000)}`),
  post("a million members", () => `{${Array.from({ length: 60_000 }, (_, index) => `"f${index}":1`).join(",")}}`),
  post("one member again and again", () => `{${'"name":"a",'.repeat(80_000)}"source":"PHONE"}`),
  post("a long name", () => JSON.stringify({ name: "x".repeat(1_000_000), source: "PHONE" })),
  post("escapes", () => `{"name":"${"\\u0041".repeat(150_000)}"}`),
  post("half surrogates", () => '{"name":"\\ud800","source":"PHONE"}'),
  post("prototypes", () => '{"__proto__":{"admin":true},"constructor":{"prototype":{}},"name":"x"}'),
  post("operators", () => '{"$where":"while(1){}","name":{"$gt":""},"a.b":1}'),
  post("a number without end", () => `{"name":${"9".repeat(500_000)}}`),
  post("a text that backtracks", () =>
    JSON.stringify({ name: "x", email: `${"a.".repeat(100_000)}@`, source: "PHONE" }),
  ),
  post(
    "a batch of wrong items",
    () =>
      JSON.stringify({
        requests: Array.from({ length: 1_000 }, () => ({ lead: { phone: "a".repeat(31), email: "a@" } })),
      }),
    "/v1/leads:batchCreate",
  ),
  post(
    "a batch of nothing",
    () => JSON.stringify({ requests: Array.from({ length: 300_000 }, () => null) }),
    "/v1/leads:batchCreate",
  ),
  {
    name: "a hundred megabytes",
    method: "POST",
    path: "/v1/leads",
    headers: JSON_TYPE,
    body: () => spaces(100),
  },
  { name: "no JSON", method: "POST", path: "/v1/leads", headers: { "content-type": "text/xml" }, body: () => "<a/>" },
  list("a filter nested a thousand deep", { filter: `${"(".repeat(1_000)}a = 1${")".repeat(1_000)}` }),
  list("a filter of a thousand parts", { filter: Array.from({ length: 170 }, () => "status = NEW").join(" OR ") }),
  list("a pattern that backtracks", { filter: `name = "${"(a+)+".repeat(300)}$*"` }),
  list("a page of a thousand million", { pageSize: "1000000000" }),
  list("a mask of many paths", { readMask: Array.from({ length: 300 }, (_, index) => `a${index}.b.c`).join(",") }),
  list("a token that is none", { pageToken: "A".repeat(2_000) }),
  {
    name: "thousands of parameters",
    method: "GET",
    path: `/v1/leads?${Array.from({ length: 5_000 }, (_, index) => `p${index}=1`).join("&")}`,
  },
  { name: "dots without end", method: "GET", path: `/v1/leads?${"a.".repeat(20_000)}=1` },
  { name: "a path without end", method: "GET", path: `/v1/${"leads/".repeat(8_000)}` },
  {
    name: "languages without end",
    method: "GET",
    path: "/v1/leads/5",
    headers: { "accept-language": "zh;q=0.1,".repeat(4_000) },
  },
  { name: "types without end", method: "GET", path: "/v1/leads/5", headers: { accept: "text/html,".repeat(4_000) } },
  { name: "a tag without end", method: "GET", path: "/v1/leads", headers: { "if-none-match": '"a",'.repeat(8_000) } },
  {
    name: "a guessed key",
    method: "GET",
    path: "/v1/leads",
    headers: { authorization: `Bearer kn_${"a".repeat(4_000)}` },
  },
];
