import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { busUser } from "../../launch/bus-rights.ts";
import { choosePorts, type Ports } from "../../launch/ports.ts";
import { instancesOf } from "../../launch/replicas.ts";
import { openSecrets } from "../../launch/secrets.ts";
import { serviceEnvironment } from "../../launch/service-environment.ts";
import { discoverServices } from "../../launch/services.ts";
import { readSettings } from "../../launch/settings.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "keynode-installation-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const addService = (name: string, manifest: object = {}) => {
  mkdirSync(path.join(folder, "services", name), { recursive: true });
  writeFileSync(path.join(folder, "services", name, "package.json"), JSON.stringify(manifest));
};

test("services are the folders with a manifest", () => {
  addService("lead", { keynode: { environment: ["SEED_TENANT"] } });
  addService("account");
  mkdirSync(path.join(folder, "services", "draft"));
  mkdirSync(path.join(folder, "services", "lead", "dist"));
  writeFileSync(path.join(folder, "services", "lead", "dist", "main.js"), "");
  expect(discoverServices(folder).map(({ name, built, wants }) => ({ name, built, wants }))).toEqual([
    { name: "account", built: false, wants: [] },
    { name: "lead", built: true, wants: ["SEED_TENANT"] },
  ]);
});

describe("secrets", () => {
  test("are made once, for their owner only, and differ from each other", async () => {
    const file = path.join(folder, "secrets.json");
    const first = await openSecrets(file, ["gateway", "lead"]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await openSecrets(file, ["gateway", "lead"])).toEqual(first);
    expect(first.keys["lead"]?.privateJwk.kid).not.toBe(first.keys["gateway"]?.privateJwk.kid);
    expect(first.bus["lead"]).not.toBe(first.bus["gateway"]);
    expect(first.apiKey).toMatch(/^kn_[\w-]{43}$/);
  });

  test("of a new service are added, the others stay", async () => {
    const file = path.join(folder, "secrets.json");
    const before = await openSecrets(file, ["lead"]);
    const after = await openSecrets(file, ["lead", "account"]);
    expect(after.keys["lead"]).toEqual(before.keys["lead"]);
    expect(Object.keys(after.keys)).toEqual(["lead", "account"]);
  });

  test("that cannot be read are not replaced", async () => {
    const file = path.join(folder, "secrets.json");
    writeFileSync(file, "{");
    await expect(openSecrets(file, ["lead"])).rejects.toThrow(/cannot be read/);
    expect(readFileSync(file, "utf8")).toBe("{");
  });
});

describe("ports", () => {
  test("are kept from one start to the next", async () => {
    const file = path.join(folder, "ports.json");
    const first = await choosePorts(file, ["lead", "account"], undefined);
    expect(first["lead"]).not.toBe(first["account"]);
    expect(await choosePorts(file, ["lead", "account"], undefined)).toEqual(first);
  });

  test("a taken one is replaced, unless it was asked for", async () => {
    const file = path.join(folder, "ports.json");
    const { lead } = await choosePorts(file, ["lead", "gateway"], undefined);
    const occupant = createServer();
    await new Promise<void>((resolve) => {
      occupant.listen(lead, "127.0.0.1", resolve);
    });
    try {
      expect((await choosePorts(file, ["lead", "gateway"], undefined))["lead"]).not.toBe(lead);
      await expect(choosePorts(file, ["lead", "gateway"], lead)).rejects.toThrow(`port ${lead} `);
    } finally {
      occupant.close();
    }
  });
});

describe("a service's environment", () => {
  const environmentOf = async (
    name: string,
    wants: readonly string[],
    {
      kind = "nats-server on PATH",
      ports = { account: 1, gateway: 2, lead: 3 },
      instance = name,
    }: { kind?: string; ports?: Ports; instance?: string } = {},
  ) => {
    const names = ["account", "gateway", "lead"];
    const secrets = await openSecrets(path.join(folder, "secrets.json"), names);
    const engine = (url: string) => ({
      kind,
      version: "1",
      url,
      start: async () => {},
      stop: async () => {},
      kill: async () => {},
    });
    const environment = serviceEnvironment(
      { name, folder, main: "main.js", built: true, wants },
      {
        services: names,
        instance,
        ports,
        secrets,
        engines: { mongo: engine("mongodb://m/"), nats: engine("nats://n"), stop: async () => {} },
        settings: readSettings(folder, {}),
        environment: { PATH: "/bin", DRAIN_MS: "5s", npm_config_x: "1", KEYNODE_HOME: "h", NODE_CHANNEL_FD: "3" },
      },
    );
    return { environment, secrets };
  };

  test("holds its own key and password and everybody's public keys", async () => {
    const { environment, secrets } = await environmentOf("lead", []);
    expect(environment).toMatchObject({
      PATH: "/bin",
      DRAIN_MS: "5s",
      SERVICE_NAME: "lead",
      GRPC_PORT: "3",
      MONGODB_DATABASE: "keynode_lead",
      NATS_USER: "lead",
      NATS_PASSWORD: secrets.bus["lead"],
      UPSTREAMS: "account=127.0.0.1:1",
    });
    const trusted: unknown = JSON.parse(environment["TRUSTED_KEYS"] ?? "");
    expect(Object.keys(trusted as object)).toEqual(["service:account", "gateway", "service:gateway", "service:lead"]);
    expect(environment["TRUSTED_KEYS"]).not.toContain('"d":');
    expect(JSON.parse(environment["INTERNAL_KEY"] ?? "")).toEqual(secrets.keys["lead"]?.privateJwk);
    expect(Object.keys(environment).filter((name) => /npm_|KEYNODE|CHANNEL|SEED/.test(name))).toEqual([]);
  });

  test("holds of the demo tenant's secrets those that its manifest asks for", async () => {
    const { environment, secrets } = await environmentOf("account", ["SEED_API_KEY"]);
    expect(environment["SEED_API_KEY"]).toBe(secrets.apiKey);
    expect(environment["SEED_ADMIN_PASSWORD"]).toBeUndefined();
  });

  test("gives the gateway HTTP and all upstreams", async () => {
    const { environment } = await environmentOf("gateway", []);
    expect(environment).toMatchObject({
      HTTP_PORT: "2",
      UPSTREAMS: "account=127.0.0.1:1,lead=127.0.0.1:3",
    });
    expect(environment["GRPC_PORT"]).toBeUndefined();
  });

  test("names every replica of an upstream, and a replica's own port", async () => {
    const lead = { name: "lead", folder, main: "main.js", built: true, wants: [] };
    const account = { ...lead, name: "account" };
    const replicas = instancesOf([lead, account, { ...lead, name: "gateway" }], { account: 2, gateway: 2 });
    expect(replicas.map(({ name }) => name)).toEqual(["lead", "account", "account#2", "gateway"]);
    const ports = { account: 1, "account#2": 4, gateway: 2, lead: 3 };
    expect((await environmentOf("lead", [], { ports })).environment["UPSTREAMS"]).toBe(
      "account=127.0.0.1:1|127.0.0.1:4",
    );
    expect((await environmentOf("account", [], { ports, instance: "account#2" })).environment).toMatchObject({
      GRPC_PORT: "4",
      MONGODB_DATABASE: "keynode_account",
      UPSTREAMS: "lead=127.0.0.1:3",
    });
  });

  test("has no user of ours on a bus that was given", async () => {
    expect((await environmentOf("lead", [], { kind: "NATS_URL" })).environment["NATS_USER"]).toBeUndefined();
  });
});

test("a service's rights on the bus are those of the deployment", () => {
  const deployed = readFileSync(path.resolve(import.meta.dirname, "../../../deploy/nats/nats.conf"), "utf8");
  const { publish, subscribe } = busUser("lead", "");
  const list = (subjects: readonly string[]) => `{ allow: [${subjects.map((one) => JSON.stringify(one)).join(", ")}] }`;
  expect(deployed).toContain(`publish: ${list(publish)}`);
  expect(deployed).toContain(`subscribe: ${list(subscribe)}`);
});

describe("settings", () => {
  test("have defaults that fit a first start", () => {
    expect(readSettings("/repository", {})).toEqual({
      home: "/repository/.keynode",
      httpHost: "127.0.0.1",
      httpPort: undefined,
      mongodbPort: undefined,
      natsPort: undefined,
      logLevel: "info",
    });
  });

  test("that do not fit are all named", () => {
    const environment = { KEYNODE_HTTP_PORT: "http", KEYNODE_NATS_PORT: "70000" };
    expect(() => readSettings("/", environment)).toThrow(/KEYNODE_HTTP_PORT[^]*KEYNODE_NATS_PORT/);
  });
});
