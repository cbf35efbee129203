// Writes deploy/.env: fresh passwords and keys for docker-compose.yml, one set for each service. Needs Node 20
// and nothing else. `--print` writes to the standard output instead, `--example` the names without values.
import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const serviceFolder = fileURLToPath(new URL("../services", import.meta.url));
const envFile = fileURLToPath(new URL(".env", import.meta.url));

// The letter keeps NATS from reading a password of digits as a number.
const password = () => `k${randomBytes(24).toString("base64url")}`;

/** An Ed25519 pair as JWKs, named by the public key's thumbprint (RFC 7638). */
const keyPair = () => {
  const { crv, d, kty, x } = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  const kid = createHash("sha256").update(JSON.stringify({ crv, kty, x })).digest("base64url");
  const publicJwk = { kty, crv, x, kid, alg: "EdDSA", use: "sig" };
  return { publicJwk, privateJwk: { ...publicJwk, d } };
};

/** Name → value of everything that docker-compose.yml asks for and has no default. */
const generateEnv = (services) => {
  const env = {
    SEED_ADMIN_PASSWORD: password(),
    SEED_API_KEY: `kn_${randomBytes(32).toString("base64url")}`,
    SECRETS_KEYS: randomBytes(32).toString("base64url"),
    MONGODB_ROOT_PASSWORD: password(),
  };
  const trusted = {};
  for (const service of services) {
    const { publicJwk, privateJwk } = keyPair();
    const suffix = service.toUpperCase().replaceAll("-", "_");
    if (service !== "gateway") {
      env[`MONGODB_PASSWORD_${suffix}`] = password();
      env[`NATS_PASSWORD_${suffix}`] = password();
    }
    env[`INTERNAL_KEY_${suffix}`] = JSON.stringify(privateJwk);
    trusted[`service:${service}`] = [publicJwk];
    // The gateway also speaks for users and API keys.
    if (service === "gateway") trusted[service] = [publicJwk];
  }
  return { ...env, TRUSTED_KEYS: JSON.stringify(trusted) };
};

const exampleHead = `# Made by: node deploy/generate-env.mjs --example
# The values are secrets: node deploy/generate-env.mjs writes fresh ones to deploy/.env
`;

const env = Object.entries(generateEnv(readdirSync(serviceFolder).sort()));
const text = env.map(([name, value]) => `${name}='${value}'\n`).join("");

if (process.argv.includes("--example")) {
  process.stdout.write(exampleHead + env.map(([name]) => `${name}=\n`).join(""));
} else if (process.argv.includes("--print")) {
  process.stdout.write(text);
} else {
  try {
    writeFileSync(envFile, text, { mode: 0o600, flag: "wx" });
    console.log(`wrote ${envFile}`);
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    console.error(`${envFile} exists. Delete it to make new secrets; the databases keep the passwords they have.`);
    process.exitCode = 1;
  }
}
