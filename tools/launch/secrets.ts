import { randomBytes } from "node:crypto";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { generateKeyPair } from "@keynode/auth/key-pair";
import { z } from "zod";

const jwk = z.looseObject({ kty: z.string(), kid: z.string() });
const keyPair = z.object({ privateJwk: jwk, publicJwk: jwk });
const secrets = z.object({
  /** Ed25519 pairs of the gateway and of every service, by service name. */
  keys: z.record(z.string(), keyPair),
  /** Passwords on the bus, by service name. */
  bus: z.record(z.string(), z.string()),
  /** What the identity service's own keys follow from. */
  identity: z.string().optional(),
  adminPassword: z.string(),
  apiKey: z.string(),
  /** Of the demo tenant's second user, who sees less; missing where the installation is older than that user. */
  marketingPassword: z.string().optional(),
});

type Known = z.output<typeof secrets>;

export type Secrets = Known & { readonly identity: string; readonly marketingPassword: string };

const random = (bytes: number): string => randomBytes(bytes).toString("base64url");

const read = (file: string): Known | undefined => {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  try {
    return secrets.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`${file} cannot be read as secrets; restore it, or delete it together with the data folder`, {
      cause: error,
    });
  }
};

/** Writes a file that only its owner reads, whole or not at all. */
export const writePrivate = (file: string, value: unknown): void => {
  const draft = `${file}.${process.pid}`;
  rmSync(draft, { force: true });
  writeFileSync(draft, `${JSON.stringify(value, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(draft, file);
};

/** The secrets of this installation, made once; a service that is new gets its own and the others keep theirs. */
export const openSecrets = async (file: string, services: readonly string[]): Promise<Secrets> => {
  const known = read(file) ?? { keys: {}, bus: {}, adminPassword: random(12), apiKey: `kn_${random(32)}` };
  const { keys, bus, identity = random(32), marketingPassword = random(12) } = known;
  const opened: Secrets = { ...known, keys: { ...keys }, bus: { ...bus }, identity, marketingPassword };
  for (const service of services) {
    opened.bus[service] ??= random(24);
    opened.keys[service] ??= keyPair.parse(await generateKeyPair());
  }
  if (JSON.stringify(opened) !== JSON.stringify(known)) writePrivate(file, opened);
  return opened;
};
