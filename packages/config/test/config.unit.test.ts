import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ConfigError, loadConfig } from "../src/load-config.ts";
import { printConfig } from "../src/print-config.ts";
import {
  bool,
  connectionString,
  durationMs,
  int,
  jsonValue,
  oneOf,
  port,
  secret,
  text,
  upstreams,
} from "../src/variables.ts";

const schema = z.object({
  SERVICE_NAME: text(),
  GRPC_PORT: port().default(5001),
  OUTBOX_POLL_MS: durationMs({ min: 1, max: 60_000 }).default(250),
  WORKERS: int({ min: 1, max: 8 }).optional(),
  VERBOSE: bool().default(false),
  LOG_LEVEL: oneOf("debug", "info", "warn").default("info"),
  MONGODB_URI: connectionString("mongodb", "mongodb+srv"),
  INTERNAL_KEY: secret(jsonValue(z.object({ kty: z.literal("OKP"), d: z.string() }))),
  UPSTREAMS: upstreams().default({}),
});

const good = {
  SERVICE_NAME: "lead",
  MONGODB_URI: "mongodb://app:p%40ss@one:1,two:2/lead",
  INTERNAL_KEY: '{"kty":"OKP","d":"very-private"}',
};

const problems = (env: Record<string, string>): Record<string, string> => {
  try {
    loadConfig(schema, env);
  } catch (error) {
    if (error instanceof ConfigError)
      return Object.fromEntries(error.variables.map(({ name, problem }) => [name, problem]));
    throw error;
  }
  throw new Error("the environment was accepted");
};

describe("loadConfig", () => {
  test("what is not set takes its default", () => {
    expect(loadConfig(schema, good)).toEqual({
      SERVICE_NAME: "lead",
      GRPC_PORT: 5001,
      OUTBOX_POLL_MS: 250,
      VERBOSE: false,
      LOG_LEVEL: "info",
      MONGODB_URI: good.MONGODB_URI,
      INTERNAL_KEY: { kty: "OKP", d: "very-private" },
      UPSTREAMS: {},
    });
  });

  test("an empty variable counts as not set", () => {
    expect(loadConfig(schema, { ...good, GRPC_PORT: " ", UPSTREAMS: "" }).GRPC_PORT).toBe(5001);
  });

  test.each([
    ["0", 0],
    ["65535", 65_535],
  ])("%s is a port", (value, expected) => {
    expect(loadConfig(schema, { ...good, GRPC_PORT: value }).GRPC_PORT).toBe(expected);
  });

  test.each(["65536", "-1", "80.5", "0x50", "http"])("%s is not a port", (value) => {
    expect(problems({ ...good, GRPC_PORT: value })).toEqual({
      GRPC_PORT: `expected a port, 0 to 65535, got ${JSON.stringify(value)}`,
    });
  });

  test.each([
    ["250", 250],
    ["250ms", 250],
    ["10s", 10_000],
    ["1m", 60_000],
  ])("the duration %s is %i ms", (value, expected) => {
    expect(loadConfig(schema, { ...good, OUTBOX_POLL_MS: value }).OUTBOX_POLL_MS).toBe(expected);
  });

  test("a duration outside its range is refused", () => {
    expect(Object.keys(problems({ ...good, OUTBOX_POLL_MS: "2m" }))).toEqual(["OUTBOX_POLL_MS"]);
  });

  test.each([
    ["YES", true],
    ["0", false],
    ["no", false],
  ])("%s reads as %s", (value, expected) => {
    expect(loadConfig(schema, { ...good, VERBOSE: value }).VERBOSE).toBe(expected);
  });

  test.each(["constructor", "maybe"])("%s is neither true nor false", (value) => {
    expect(Object.keys(problems({ ...good, VERBOSE: value }))).toEqual(["VERBOSE"]);
  });

  test("upstreams become a record by service name", () => {
    expect(loadConfig(schema, { ...good, UPSTREAMS: "lead=127.0.0.1:50, account=[::1]:51," }).UPSTREAMS).toEqual({
      lead: "127.0.0.1:50",
      account: "[::1]:51",
    });
  });

  test("the replicas of an upstream become one target of its channel", () => {
    const value = "lead=10.0.0.1:50|10.0.0.2:50, account=[::1]:51|[::2]:52";
    expect(loadConfig(schema, { ...good, UPSTREAMS: value }).UPSTREAMS).toEqual({
      lead: "ipv4:10.0.0.1:50,10.0.0.2:50",
      account: "ipv6:[::1]:51,[::2]:52",
    });
  });

  test.each([
    "lead",
    "lead=host",
    "lead=host:70000",
    "=host:1",
    "lead=a:1,lead=b:2",
    "lead=10.0.0.1:1|",
    "lead=10.0.0.1:1|two:2",
    "lead=10.0.0.1:1|[::1]:2",
  ])("upstreams %s are refused", (value) => {
    expect(Object.keys(problems({ ...good, UPSTREAMS: value }))).toEqual(["UPSTREAMS"]);
  });

  test("every bad variable is named at once, and what was expected of it", () => {
    expect(problems({ GRPC_PORT: "x", LOG_LEVEL: "loud", WORKERS: "9", MONGODB_URI: "http://x" })).toEqual({
      SERVICE_NAME: "is missing; expected a text",
      GRPC_PORT: 'expected a port, 0 to 65535, got "x"',
      WORKERS: 'expected a whole number, 1 to 8, got "9"',
      LOG_LEVEL: 'expected one of debug, info, warn, got "loud"',
      MONGODB_URI: "expected a connection string starting with mongodb:// or mongodb+srv://",
      INTERNAL_KEY: "is missing; expected JSON",
    });
  });

  test("a refusal never shows a secret", () => {
    const shown = problems({ ...good, INTERNAL_KEY: '{"kty":"RSA","d":"very-private"}' });
    expect(shown["INTERNAL_KEY"]).toContain("at kty");
    expect(JSON.stringify(shown)).not.toContain("very-private");
    expect(JSON.stringify(problems({ ...good, INTERNAL_KEY: "very-private" }))).not.toContain("very-private");
  });
});

test("the printed configuration names every variable and masks secrets and passwords", () => {
  expect(printConfig(schema, loadConfig(schema, { ...good, UPSTREAMS: "lead=h:1" })).split("\n")).toEqual([
    "SERVICE_NAME=lead",
    "GRPC_PORT=5001",
    "OUTBOX_POLL_MS=250",
    "WORKERS=",
    "VERBOSE=false",
    "LOG_LEVEL=info",
    "MONGODB_URI=mongodb://app:***@one:1,two:2/lead",
    "INTERNAL_KEY=***",
    'UPSTREAMS={"lead":"h:1"}',
  ]);
});

test.each([
  ["nats://token@one:1,nats://app:secret@two:2", "nats://***@one:1,nats://app:***@two:2"],
  ["nats://one:1", "nats://one:1"],
])("%s prints as %s", (given, printed) => {
  const natsSchema = z.object({ NATS_URL: connectionString("nats") });
  expect(printConfig(natsSchema, loadConfig(natsSchema, { NATS_URL: given }))).toBe(`NATS_URL=${printed}`);
});
