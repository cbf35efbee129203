import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { loadConfig } from "@keynode/config/load-config";
import { gatewaySchema } from "@keynode/gateway/config";
import { serviceSchema } from "@keynode/runtime/service-config";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { busUser } from "../launch/bus-rights.ts";
import { discoverServices } from "../launch/services.ts";

const root = path.resolve(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");
const services = discoverServices(root);
const serviceNames = services.map(({ name }) => name);
const withData = serviceNames.filter((name) => name !== "gateway");

const generator = path.join(root, "deploy/generate-env.mjs");
const generate = (option: string): string => execFileSync(process.execPath, [generator, option], { encoding: "utf8" });

/** The lines of an env file; quotes around a value are not part of it. */
const envFile = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1).replace(/^'(.*)'$/, "$1")]),
  );

type Container = {
  image?: string;
  build?: { dockerfile: string; args: Readonly<Record<string, string>> };
  environment?: Readonly<Record<string, string>>;
  healthcheck?: { test: readonly string[] };
  depends_on?: Readonly<Record<string, unknown>>;
  ports?: readonly string[];
  volumes?: readonly string[];
  read_only?: boolean;
  init?: boolean;
  cap_drop?: readonly string[];
  security_opt?: readonly string[];
};
type Compose = { services: Readonly<Record<string, Container>>; volumes: Readonly<Record<string, unknown>> };

const composeText = read("docker-compose.yml");
const compose = (text: string): Compose => parse(text, { merge: true }) as Compose;

const reference = /\$\{(?<name>\w+)(?::(?<operator>[-?])(?<rest>[^}]*))?\}/g;

/** Fills `${NAME}`, `${NAME:-default}` and `${NAME:?message}` as Compose does. */
const filled = (text: string, env: Readonly<Record<string, string>>): string =>
  text.replace(reference, (_, name: string, operator: string | undefined, rest: string | undefined) => {
    const value = env[name];
    if (value !== undefined) return value;
    if (operator === "-") return rest ?? "";
    throw new Error(`${name} is not set: ${rest ?? ""}`);
  });

const env = envFile(generate("--print"));
const written = compose(composeText);
const container = (name: string): Container => {
  const found = written.services[name];
  if (found === undefined) throw new Error(`no ${name} in docker-compose.yml`);
  return found;
};
const environmentOf = (name: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(container(name).environment ?? {}).map(([key, value]) => [key, filled(String(value), env)]),
  );

const pinned = /^[a-z\d./-]+:v?\d+\.\d+\.\d+([.-][a-z\d.-]+)?$/;

describe("docker-compose.yml", () => {
  it("runs every folder of services/, built by the one Dockerfile", () => {
    const built = Object.entries(written.services).flatMap(([name, { build }]) =>
      build ? [[name, build.dockerfile, build.args["SERVICE"]]] : [],
    );
    expect(new Set(built)).toEqual(new Set(serviceNames.map((name) => [name, "deploy/Dockerfile", name])));
  });

  it("pins every image to a version", () => {
    const images = Object.values(written.services).map(({ image }) => filled(image ?? "", env));
    expect(images.filter((image) => !pinned.test(image))).toEqual([]);
  });

  it("asks for exactly the secrets that the generator makes", () => {
    const asked = new Set<string>();
    for (const { groups } of composeText.matchAll(reference)) {
      if (groups?.["name"] && groups["operator"] !== "-") asked.add(groups["name"]);
    }
    expect([...asked].sort()).toEqual(Object.keys(env).sort());
  });

  it("holds no secret: whatever is secret by its name comes from the environment", () => {
    const secret = /PASSWORD|SECRET|TOKEN|(?<!TRUSTED_)KEYS?$|URI$/;
    const plain = Object.values(written.services)
      .flatMap(({ environment }) => Object.entries(environment ?? {}))
      .filter(([name, value]) => secret.test(name) && !/\$\{\w+(:\?[^}]*)?\}/.test(String(value)));
    expect(plain).toEqual([]);
    expect(composeText).not.toMatch(/"kty"|[A-Za-z\d_-]{40,}/);
  });

  it.each(services.filter(({ name }) => name !== "gateway"))(
    "$name: its configuration accepts what it is given, and knows every variable",
    ({ name, wants }) => {
      const given = environmentOf(name);
      const known = new Set([...Object.keys(serviceSchema.shape), ...wants]);
      expect(Object.keys(given).filter((variable) => !known.has(variable))).toEqual([]);
      expect(wants.filter((variable) => !given[variable])).toEqual([]);
      const config = loadConfig(serviceSchema, given);
      expect(config.MONGODB_DATABASE).toBe(`keynode_${name.replaceAll("-", "_")}`);
      expect(new URL(config.MONGODB_URI).username).toBe(name);
      expect(config.NATS_USER).toBe(name);
      expect(Object.keys(config.UPSTREAMS).sort()).toEqual(withData);
      expect(config.TRUSTED_KEYS[`service:${name}`]?.map(({ kid }) => kid)).toEqual([config.INTERNAL_KEY.kid]);
    },
  );

  it("the gateway: likewise; it finds a service by its name, and is believed for itself and for callers", () => {
    const given = environmentOf("gateway");
    expect(Object.keys(given).filter((variable) => !(variable in gatewaySchema.shape))).toEqual([]);
    const config = loadConfig(gatewaySchema, given);
    const { GRPC_PORT: port, TRUSTED_KEYS: trusted } = loadConfig(serviceSchema, environmentOf("lead"));
    expect(config.UPSTREAM_TEMPLATE).toBe(`dns:///{service}:${port}`);
    for (const issuer of ["gateway", "service:gateway"]) {
      expect(trusted[issuer]?.map(({ kid }) => kid)).toEqual([config.INTERNAL_KEY.kid]);
    }
  });

  it("gives each service a key, a database user and a bus user that no other has", () => {
    for (const variable of ["INTERNAL_KEY", "MONGODB_URI", "NATS_PASSWORD"]) {
      const values = withData.map((name) => environmentOf(name)[variable]);
      expect(new Set(values).size).toBe(withData.length);
    }
  });

  it.each(serviceNames)("%s runs without privileges and without a writable disk", (name) => {
    expect(container(name)).toMatchObject({
      read_only: true,
      init: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
    });
  });

  it("shows only the gateway to the outside, and that on the loopback address unless told otherwise", () => {
    const published = Object.entries(written.services).flatMap(([name, { ports }]) => (ports ? [[name, ports]] : []));
    expect(published).toEqual([["gateway", ["${KEYNODE_ADDRESS:-127.0.0.1:8080}:8080"]]]);
  });

  it("starts services when the engines are healthy, and the gateway at once", () => {
    for (const name of withData) {
      expect(container(name).depends_on).toEqual({
        mongo: { condition: "service_healthy" },
        nats: { condition: "service_healthy" },
      });
    }
    expect(container("gateway").depends_on).toEqual({});
  });

  it("checks the health of everything; the collector's image has nothing to check it with", () => {
    const unchecked = Object.entries(written.services).filter(([, { build, healthcheck }]) => !build && !healthcheck);
    expect(unchecked.map(([name]) => name)).toEqual(["otel-collector"]);
  });

  it("mounts files that exist and volumes that are declared", () => {
    const sources = Object.values(written.services).flatMap(({ volumes }) =>
      (volumes ?? []).map((volume) => volume.split(":")[0] ?? ""),
    );
    const missing = sources.filter((source) =>
      source.startsWith("./") ? !existsSync(path.join(root, source)) : !(source in written.volumes),
    );
    expect(missing).toEqual([]);
  });
});

it("deploy/.env.example is what the generator says", () => {
  expect(read("deploy/.env.example")).toBe(generate("--example"));
});

describe("deploy/nats/nats.conf", () => {
  const conf = read("deploy/nats/nats.conf");
  const list = (text: string | undefined) => [...(text ?? "").matchAll(/"([^"]*)"/g)].map(([, subject]) => subject);
  const users = [
    ...conf.matchAll(
      /user: (?<user>\S+)\s+password: (?<password>\S+)\s+permissions: \{\s+publish: \{ allow: \[(?<publish>.*)\] \}\s+subscribe: \{ allow: \[(?<subscribe>.*)\] \}/g,
    ),
  ].map(({ groups = {} }) => ({
    user: groups["user"],
    password: groups["password"],
    publish: list(groups["publish"]),
    subscribe: list(groups["subscribe"]),
  }));

  it("gives each service the rights that npm start gives it: its own context, its own stream", () => {
    const expected = withData.map((name) => busUser(name, `$NATS_PASSWORD_${name.toUpperCase().replaceAll("-", "_")}`));
    expect(new Set(users)).toEqual(new Set(expected));
  });

  it("acknowledges a message when it is on disk", () => {
    expect(conf).toMatch(/^jetstream \{[^}]*\bsync_interval: always\b/m);
  });

  it("finds its passwords in the broker's environment", () => {
    const given = Object.keys(container("nats").environment ?? {});
    expect(new Set(given)).toEqual(new Set(users.map(({ password }) => password?.slice(1))));
  });
});
