import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { ensureEnvironment } from "@keynode/tools/python/environment";
import { expect, inject, test } from "vitest";
import type { Api } from "./api.ts";
import { newTenant } from "./tenant.ts";

const root = path.resolve(import.meta.dirname, "..");
const requirements = path.join(import.meta.dirname, "scim", "requirements.txt");

/** Python with the client, by a folder that is another one when the requirements are. */
const python = async (): Promise<string> => {
  const digest = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 12);
  const home = path.join(root, ".keynode", `scim-client-${digest}`);
  await ensureEnvironment(home, ["--require-hashes", "--requirement", requirements]);
  return path.join(home, "bin", "python");
};

/** The secret of a key with one built-in role, or with none that grants anything here. */
const keyOf = async (admin: Api, role: string): Promise<string> => {
  const { roles } = await admin.get<{ roles: readonly { id: string; name: string }[] }>("/v1/roles?pageSize=100");
  const roleIds = roles.filter(({ name }) => name === role).map(({ id }) => id);
  expect(roleIds, role).toHaveLength(1);
  return (await admin.post<{ secret: string }>("/v1/apiKeys", { name: role, roleIds })).secret;
};

type Check = { readonly check: string; readonly why: string };

test("a directory's client that was not written here does all that directories do, and finds the standard kept", async () => {
  const { baseUrl } = inject("access");
  const admin = await newTenant();
  const { stdout } = await promisify(execFile)(await python(), [path.join(import.meta.dirname, "scim", "check.py")], {
    env: {
      ...process.env,
      SCIM_URL: `${baseUrl}/scim/v2`,
      SCIM_KEY: await keyOf(admin, "Directory"),
      SCIM_STRANGER: await keyOf(admin, "Auditor"),
    },
    maxBuffer: 16 * 1024 * 1024,
    timeout: 300_000,
  });
  const checks = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Check);
  expect(checks.filter(({ why }) => why !== "")).toEqual([]);
  expect(checks.length).toBeGreaterThan(40);
}, 600_000);
