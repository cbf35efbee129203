import { renameSync } from "node:fs";
import path from "node:path";
import { cached, openCache } from "@keynode/engines/cache";
import { onPath, run } from "@keynode/engines/command";
import { readEnvironment } from "@keynode/engines/environment";
import { beforeAll, expect, test } from "vitest";
import { LEAD_ID, lead, serve } from "./fixture.ts";

const VERSION = "v1.9.3";
const buildTimeoutMs = 10 * 60_000;

const { searchPath, cacheFolders } = readEnvironment();
const go = onPath("go", searchPath);

/** Somebody else's client, which knows nothing of our contracts but what the server's reflection tells it. */
const grpcurl = (): Promise<string> =>
  cached(openCache(cacheFolders), path.join("grpcurl", VERSION, "grpcurl"), async (draft) => {
    if (go === undefined) throw new Error("go is not on PATH");
    const folder = path.dirname(draft);
    await run([go, "install", "-trimpath", `github.com/fullstorydev/grpcurl/cmd/grpcurl@${VERSION}`], {
      timeoutMs: buildTimeoutMs,
      env: { GOBIN: path.join(folder, "bin"), GOTOOLCHAIN: "local" },
    });
    renameSync(path.join(folder, "bin", "grpcurl"), draft);
  });

const call = async (...args: string[]): Promise<string> =>
  await run([await grpcurl(), "-plaintext", "-max-time", "10", ...args], { timeoutMs: 20_000 });

beforeAll(async () => {
  if (go !== undefined) await grpcurl();
}, buildTimeoutMs);

/** Shown where grpcurl cannot be built. */
const title = go === undefined ? " (skipped: it is built with Go, and go is not on PATH)" : "";

test.skipIf(go === undefined)(`grpcurl lists and describes the services by reflection${title}`, async () => {
  const { address } = await serve();
  expect((await call(address, "list")).trim().split("\n")).toEqual([
    "crm.chassis.v1.JournalService",
    "crm.lead.v1.LeadService",
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
  ]);
  const described = await call(address, "describe", "crm.lead.v1.LeadService.GetLead");
  expect(described).toContain("rpc GetLead ( .crm.lead.v1.GetLeadRequest ) returns ( .crm.lead.v1.Lead )");
});

test.skipIf(go === undefined)(`grpcurl calls a service by reflection${title}`, async () => {
  const { address } = await serve({ leads: { getLead: async ({ id }) => lead({ id, name: "王芳" }) } });
  const request = JSON.stringify({ id: LEAD_ID });
  const answer = await call(
    "-H",
    "authorization: Bearer seller",
    "-d",
    request,
    address,
    "crm.lead.v1.LeadService/GetLead",
  );
  expect(JSON.parse(answer)).toMatchObject({ id: LEAD_ID, name: "王芳" });
  const refused = call("-d", request, address, "crm.lead.v1.LeadService/GetLead");
  await expect(refused).rejects.toThrow("No valid credential was sent");
});
