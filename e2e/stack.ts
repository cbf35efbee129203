import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { generateKeyPair, type KeyPair } from "@keynode/auth/key-pair";
import { type Keynode, startKeynode } from "@keynode/tools/launch/keynode";
import type { Replicas } from "@keynode/tools/launch/replicas";
import { addressOf } from "@keynode/tools/launch/service-environment";
import { discoverServices } from "@keynode/tools/launch/services";

/** How a client reaches an installation, and as whom. */
export type Access = {
  readonly baseUrl: string;
  readonly tenant: string;
  readonly adminEmail: string;
  readonly adminPassword: string;
  readonly apiKey: string;
  /** Below the API: the stores, the bus with each service's password, and what an operator has to make a tenant. */
  readonly below: {
    readonly mongoUrl: string;
    readonly natsUrl: string;
    readonly busPasswords: Readonly<Record<string, string>>;
    readonly identityAddress: string;
    /** Where each service's gRPC server listens, by service name. */
    readonly addresses: Readonly<Record<string, string>>;
    /** What the gateway signs internal tokens with. */
    readonly gatewayKey: KeyPair["privateJwk"];
    readonly platformKey: KeyPair["privateJwk"];
  };
};

/** An installation of the tests' own: every service as built, in its own process, on engines and data of its own. */
export type Stack = { readonly access: Access; readonly keynode: Keynode; readonly stop: () => Promise<void> };

const root = path.resolve(import.meta.dirname, "..");

/** Builds what is not built yet: what a user would start is what is tested. KEYNODE_BUILT=1 says that all is. */
export const build = async (): Promise<void> => {
  if (process.env["KEYNODE_BUILT"] === "1") return;
  const turbo = path.join(root, "node_modules", ".bin", "turbo");
  await promisify(execFile)(turbo, ["run", "build", "--output-logs=errors-only"], {
    cwd: root,
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
    maxBuffer: 64 * 1024 * 1024,
  });
};

/**
 * Starts all services on free ports and an empty data folder, which goes when it is stopped. Services get `environment` on
 * top of this process's own.
 */
export const startStack = async (
  environment: Readonly<Record<string, string>> = {},
  { logLevel = "warn", replicas = {} }: { readonly logLevel?: string; readonly replicas?: Replicas } = {},
): Promise<Stack> => {
  const home = mkdtempSync(path.join(tmpdir(), "keynode-e2e-"));
  const lines: string[] = [];
  const platform = await generateKeyPair();
  try {
    const keynode = await startKeynode({
      services: discoverServices(root),
      settings: {
        home,
        httpHost: "127.0.0.1",
        httpPort: undefined,
        mongodbPort: undefined,
        natsPort: undefined,
        logLevel,
      },
      temporary: true,
      environment: { ...process.env, ...environment },
      trusted: { "service:platform": platform.publicJwk },
      replicas,
      log: (line) => lines.push(line),
    });
    const secrets: { bus: Record<string, string>; keys: Record<"gateway", KeyPair> } = JSON.parse(
      readFileSync(path.join(home, "secrets.json"), "utf8"),
    );
    const access: Access = {
      ...JSON.parse(readFileSync(keynode.credentialsFile, "utf8")),
      below: {
        mongoUrl: keynode.engines.mongo.url,
        natsUrl: keynode.engines.nats.url,
        busPasswords: secrets.bus,
        identityAddress: addressOf("identity", keynode.ports),
        addresses: Object.fromEntries(
          Object.keys(keynode.ports).map((service) => [service, addressOf(service, keynode.ports)]),
        ),
        gatewayKey: secrets.keys.gateway.privateJwk,
        platformKey: platform.privateJwk,
      },
    };
    return {
      access,
      keynode,
      stop: async () => {
        await keynode.stop();
        rmSync(home, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(home, { recursive: true, force: true });
    throw new Error(`the stack did not start:\n${lines.join("\n")}`, { cause: error });
  }
};
