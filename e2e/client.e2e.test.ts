import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { apiKey } from "@keynode/client/credentials";
import { KeynodeError } from "@keynode/client/errors";
import { createKeynode } from "@keynode/client/keynode";
import { EtagMismatch, InvalidRequest, LeadExists } from "@keynode/client/problems";
import { session, type SessionTokens } from "@keynode/client/session";
import { describe, expect, inject, it } from "vitest";
import { newEmail } from "./api.ts";

const example = path.resolve(import.meta.dirname, "..", "examples", "client.ts");

describe("the main job with the TypeScript client", () => {
  it("is no more than 40 lines", () => {
    expect(readFileSync(example, "utf8").trimEnd().split("\n").length).toBeLessThanOrEqual(40);
  });

  it("runs from the form to the report", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "keynode-client-"));
    try {
      const credentials = path.join(folder, "credentials.json");
      writeFileSync(credentials, JSON.stringify(inject("access")), { mode: 0o600 });
      const { stdout } = await promisify(execFile)(process.execPath, [example], {
        env: { ...process.env, KEYNODE_CREDENTIALS: credentials },
        timeout: 55_000,
      });
      const steps = stdout.trim().split("\n");
      expect(steps.map((line) => line.split(" ")[0])).toEqual(["converted", "signed", "report"]);
      expect(steps[2]).toMatch(/^report [1-9]\d* deals won$/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("the TypeScript client", () => {
  const { baseUrl, apiKey: secret } = inject("access");
  const keynode = createKeynode({ baseUrl, credentials: apiKey(secret) });

  it("empties a field by null and leaves alone what it does not name", async () => {
    const { id } = await keynode.leads.create({ name: "王芳", company: "Acme", nextStep: "call" });
    const changed = await keynode.leads.update(id, { nextStep: null, jobTitle: "buyer" });
    expect(changed.nextStep).toBeUndefined();
    expect([changed.company, changed.jobTitle]).toEqual(["Acme", "buyer"]);
  });

  it("pages through a list", async () => {
    const { id: ownerId } = await keynode.users.create({ name: "Li Wei", email: newEmail(), roleIds: [] });
    for (const name of ["a", "b", "c"]) await keynode.leads.create({ name, ownerId });
    const query = { filter: `ownerId = ${JSON.stringify(ownerId)}`, pageSize: 2 };
    const pages = await Array.fromAsync(keynode.leads.list(query).pages());
    expect(pages.map(({ leads }) => leads.length)).toEqual([2, 1]);
    const names: (string | undefined)[] = [];
    for await (const { name } of keynode.leads.list({ ...query, readMask: "name" })) names.push(name);
    expect(names.toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual(["a", "b", "c"]);
  });

  it("tells refusals apart by their classes", async () => {
    const email = newEmail();
    const { id, etag } = await keynode.leads.create({ name: "王芳", email });
    const failure = async (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error);
    const twin = await failure(keynode.leads.create({ name: "王芳", email }));
    expect(twin instanceof LeadExists && twin.metadata).toMatchObject({ leadId: id });
    await keynode.leads.update(id, { company: "Acme" });
    expect(await failure(keynode.leads.update(id, { company: "B" }, { ifMatch: etag }))).toBeInstanceOf(EtagMismatch);
    const wrong = await failure(keynode.leads.create({ name: "", email: "none" }));
    if (!(wrong instanceof InvalidRequest)) throw wrong;
    expect(wrong.fields.map(({ pointer }) => pointer)).toEqual(expect.arrayContaining(["#/email"]));
    expect(wrong.requestId).not.toBe("");
    expect(await failure(keynode.leads.get("lead_01jz8m3k5qf7x9v2t4w6y8a0bc"))).toBeInstanceOf(KeynodeError);
  });

  it("signs a user in, and goes on with what it kept of the session", async () => {
    const { tenant, adminEmail: email, adminPassword: password } = inject("access");
    const kept: SessionTokens[] = [];
    const onTokens = (tokens: SessionTokens) => kept.push(tokens);
    const credentials = session({ baseUrl, start: { tenant, email, password }, onTokens });
    const { principal } = await createKeynode({ baseUrl, credentials }).me.get();
    expect(principal?.actor).toMatch(/^user_/);
    const [tokens] = kept;
    if (tokens === undefined) throw new Error("no tokens were kept");
    const start = { ...tokens, expireTime: new Date(0).toISOString() };
    const again = createKeynode({ baseUrl, credentials: session({ baseUrl, start, onTokens }) });
    expect((await again.me.get()).principal?.actor).toBe(principal?.actor);
    expect(kept[1]?.refreshToken).not.toBe(tokens.refreshToken);
  });

  it("repeats a write under its key without a second effect", async () => {
    const company = newEmail();
    const options = { idempotencyKey: `e2e-${company}` };
    const [one, two] = [
      await keynode.leads.create({ name: "王芳", company }, options),
      await keynode.leads.create({ name: "王芳", company }, options),
    ];
    expect(two).toEqual(one);
  });
});
