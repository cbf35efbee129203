import { isIPv4 } from "node:net";
import { z } from "zod";
import { annotate } from "./annotation.ts";

/** A variable read from text: `parse` answers undefined for text it does not accept. */
const fromText = <Value>(expected: string, parse: (text: string) => Value | undefined) =>
  annotate(
    z.string().transform((text, context): Value => {
      const value = parse(text.trim());
      if (value !== undefined) return value;
      context.addIssue({ code: "custom", message: `expected ${expected}` });
      return z.NEVER;
    }),
    { expected },
  );

type Range = { readonly min?: number; readonly max?: number };

const rangeText = (min: number, max: number): string => {
  if (max === Number.MAX_SAFE_INTEGER) return min === Number.MIN_SAFE_INTEGER ? "" : `, ${min} or more`;
  return min === Number.MIN_SAFE_INTEGER ? `, at most ${max}` : `, ${min} to ${max}`;
};

const integer = (what: string, { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER }: Range) =>
  fromText(`${what}${rangeText(min, max)}`, (text) => {
    if (!/^-?\d{1,16}$/.test(text)) return undefined;
    const value = Number(text);
    return value >= min && value <= max ? value : undefined;
  });

/** A whole number in decimal digits, within the range given. */
export const int = (range: Range = {}) => integer("a whole number", range);

/** A TCP port; 0 lets the system choose one. */
export const port = () => integer("a port", { min: 0, max: 65_535 });

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof UNIT_MS;

/** A duration in milliseconds, written as a bare number of them or with a unit: `250`, `250ms`, `10s`, `5m`, `2h`, `7d`. */
export const durationMs = ({ min = 0, max = Number.MAX_SAFE_INTEGER }: Range = {}) =>
  fromText(`a duration in milliseconds or with ms, s, m, h or d${rangeText(min, max)} ms`, (text) => {
    const match = /^(\d{1,12})(ms|s|m|h|d)?$/.exec(text);
    if (!match) return undefined;
    const value = Number(match[1]) * UNIT_MS[(match[2] ?? "ms") as Unit];
    return value >= min && value <= max ? value : undefined;
  });

const TRUTH: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["1", true],
  ["yes", true],
  ["false", false],
  ["0", false],
  ["no", false],
]);

/** `true`, `1`, `yes` or `false`, `0`, `no`, in any case. */
export const bool = () => fromText("true or false", (text) => TRUTH.get(text.toLowerCase()));

/** Text that is not empty. */
export const text = () => fromText("a text", (value) => (value === "" ? undefined : value));

/** One of the words given. */
export const oneOf = <const Word extends string>(...words: readonly [Word, ...Word[]]) =>
  fromText(`one of ${words.join(", ")}`, (value) => words.find((word) => word === value));

/** JSON that fits `schema`; every misfit is named by its path. */
export const jsonValue = <Value>(schema: z.ZodType<Value>) =>
  annotate(
    z.string().transform((value, context): Value => {
      let parsed: unknown;
      try {
        parsed = JSON.parse(value);
      } catch {
        context.addIssue({ code: "custom", message: "expected JSON" });
        return z.NEVER;
      }
      const result = schema.safeParse(parsed);
      if (result.success) return result.data;
      for (const issue of result.error.issues) {
        const path = issue.path.map(String).join(".");
        context.addIssue({ code: "custom", message: path ? `at ${path}: ${issue.message}` : issue.message });
      }
      return z.NEVER;
    }),
    { expected: "JSON" },
  );

/** Printed and reported as `***`. */
export const secret = <Schema extends z.ZodType>(schema: Schema) => annotate(schema, { mask: () => "***" });

/**
 * A connection string of one of the schemes given (`mongodb`, `nats`, …), kept as written since
 * it may name several hosts. Printed without its passwords.
 */
export const connectionString = (...schemes: readonly [string, ...string[]]) =>
  annotate(
    fromText(`a connection string starting with ${schemes.map((scheme) => `${scheme}://`).join(" or ")}`, (value) =>
      schemes.some((scheme) => value.startsWith(`${scheme}://`) && value.length > scheme.length + 3)
        ? value
        : undefined,
    ),
    { mask: (value) => String(value).replace(/:\/\/([^/@]*)@/g, (_, user: string) => `://${maskedUser(user)}@`) },
  );

/** `user:password` keeps the user; a lone word may be a token, as NATS has them. */
const maskedUser = (user: string): string => (user.includes(":") ? `${user.slice(0, user.indexOf(":"))}:***` : "***");

const HOST_PORT = /^(?:\[[\da-fA-F:.]+\]|[^\s:[\]|]+):(\d{1,5})$/;

const isAddress = (text: string): boolean => {
  const portText = HOST_PORT.exec(text)?.[1];
  return portText !== undefined && Number(portText) <= 65_535;
};

/**
 * What grpc-js connects to: the name of one address, behind which DNS may tell of many; or a list of replicas, which only
 * its resolvers of IP addresses take, of one family. Undefined for anything else.
 */
const targetOf = (text: string): string | undefined => {
  const addresses = text.split("|").map((part) => part.trim());
  if (!addresses.every(isAddress)) return undefined;
  if (addresses.length === 1) return addresses[0];
  if (addresses.every((address) => address.startsWith("["))) return `ipv6:${addresses.join(",")}`;
  return addresses.every((address) => isIPv4(address.replace(/:\d+$/, ""))) ? `ipv4:${addresses.join(",")}` : undefined;
};

/**
 * Where other services listen, as `lead=host:port,account=host:port`; replicas that no name stands for, as
 * `lead=10.0.0.1:50051|10.0.0.2:50051`. Answers service name → what a gRPC channel connects to.
 */
export const upstreams = () =>
  fromText("addresses as name=host:port,name=host:port", (value): Readonly<Record<string, string>> | undefined => {
    const targets: Record<string, string> = {};
    for (const item of value.split(",").map((part) => part.trim())) {
      if (item === "") continue;
      const equals = item.indexOf("=");
      const name = item.slice(0, Math.max(equals, 0)).trim();
      const target = targetOf(item.slice(equals + 1));
      if (!/^[a-z][a-z\d-]*$/.test(name) || Object.hasOwn(targets, name) || target === undefined) return undefined;
      targets[name] = target;
    }
    return targets;
  });
