import { LeadServiceService } from "@keynode/contracts/crm/lead/v1/lead_service";
import { isDryRun, runDry } from "@keynode/telemetry/dry-run";
import { Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Call } from "../src/call.ts";
import { dryRunnable } from "../src/dry-run.ts";
import { metadataKey } from "../src/metadata.ts";
import { lead, LEAD_ID, refusal, serve } from "./fixture.ts";

/** How each call was run. */
const seen: { dry: boolean; validateOnly: boolean }[] = [];
const note = async (_request: unknown, { validateOnly }: Call) => {
  seen.push({ dry: isDryRun(), validateOnly });
  return lead();
};

const start = async () => {
  seen.length = 0;
  const { as, address } = await serve({
    leads: {
      qualifyLead: dryRunnable(note),
      disqualifyLead: (request, call) => note(request, call),
      getLead: note,
      updateLead: dryRunnable(note),
    },
  });
  return { leads: as("admin").leads, stranger: as("stranger").leads, address };
};

describe("a call that only wants to know", () => {
  it("is run dry, as everything that its handler calls is", async () => {
    const { leads } = await start();
    await runDry(() => leads.qualifyLead({ id: LEAD_ID, etag: "", note: "" }));
    await leads.qualifyLead({ id: LEAD_ID, etag: "", note: "" });
    expect(seen).toEqual([
      { dry: true, validateOnly: true },
      { dry: false, validateOnly: false },
    ]);
  });

  it("is refused where nobody said that the handler can be tried, and the handler does not run", async () => {
    const { leads } = await start();
    const call = runDry(() => leads.disqualifyLead({ id: LEAD_ID, etag: "", reason: "NO_BUDGET", note: "" } as never));
    expect(await refusal(call)).toMatchObject({
      code: "INVALID_ARGUMENT",
      details: { reason: "VALIDATE_ONLY_NOT_OFFERED" },
    });
    expect(seen).toEqual([]);
  });

  it("is any other call where it reads", async () => {
    const { leads } = await start();
    await runDry(() => leads.getLead({ id: LEAD_ID, readMask: undefined }));
    expect(seen).toEqual([{ dry: false, validateOnly: false }]);
  });

  it("needs the right, and a valid request", async () => {
    const { leads, stranger } = await start();
    expect(await refusal(runDry(() => stranger.qualifyLead({ id: LEAD_ID, etag: "", note: "" })))).toMatchObject({
      details: { reason: "PERMISSION_DENIED" },
    });
    expect(await refusal(runDry(() => leads.qualifyLead({ id: "", etag: "", note: "" })))).toMatchObject({
      details: { reason: "INVALID_REQUEST" },
    });
    expect(seen).toEqual([]);
  });

  it("is refused where it says so in a word that nobody knows", async () => {
    const { address } = await start();
    const client = new Client(address, credentials.createInsecure());
    onTestFinished(() => client.close());
    const metadata = new Metadata();
    metadata.set(metadataKey.authorization, "Bearer admin");
    metadata.set(metadataKey.validateOnly, "1");
    const { path, requestSerialize, responseDeserialize } = LeadServiceService.qualifyLead;
    const error = await new Promise<ServiceError | null>((resolve) => {
      const request = { id: LEAD_ID, etag: "", note: "" };
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, metadata, resolve);
    });
    expect(error?.details).toContain("Keynode-Validate-Only");
    expect(seen).toEqual([]);
  });
});
