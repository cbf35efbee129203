import { Server, ServerCredentials } from "@grpc/grpc-js";
import { startGrpcServer } from "@keynode/grpc/server";
import { implement } from "@keynode/grpc/implement";
import { LeadServiceService } from "@keynode/contracts/crm/lead/v1/lead_service";
import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import { logger } from "@keynode/telemetry/logger";
import { startTelemetry } from "@keynode/telemetry/start-telemetry";
import { createVerifier } from "@keynode/auth/verifier";
import { createMinter } from "@keynode/auth/minter";
import { generateKeyPair } from "@keynode/auth/key-pair";
import { Session } from "node:inspector/promises";
import { writeFileSync } from "node:fs";
const mode = process.argv[2];
const lead = Lead.fromPartial({ id: "lead_01jz8m3k5qf7x9v2t4w6y8a0bc", ownerId: "user_01jz8m3k5qf7x9v2t4w6y8a0bc", teamId: "team_01jz8m3k5qf7x9v2t4w6y8a0bc", createTime: new Date(), updateTime: new Date(), etag: "3", status: "WORKING", stage: "INTENT", name: "Lin Wei", company: "Acme", jobTitle: "CTO", email: "lin@example.com", phone: "+8613800000000", source: "TRADE_SHOW", needs: ["storage", "backup"], interests: ["x"], inquiryCount: 2, firstInquiryTime: new Date() });
const handlers = Object.fromEntries(Object.keys(LeadServiceService).map((k) => [k, async () => lead])) as any;
let token = "", port = 0;
const log = logger({ name: "x", level: "info" });
if (mode === "bare") {
  const s = new Server({ "grpc.enable_channelz": 0 });
  s.addService(LeadServiceService as any, Object.fromEntries(Object.keys(LeadServiceService).map((k) => [k, (call: any, cb: any) => { handlers[k](call.request).then((v: any) => cb(null, v)); }])));
  port = await new Promise((r) => s.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (_e, p) => r(p)));
} else {
  await startTelemetry({ serviceName: "lead", log });
  const keys = await generateKeyPair();
  const verify = createVerifier({ audience: "lead", trustedKeys: { gateway: [keys.publicJwk] } });
  const mint = createMinter({ issuer: "gateway", privateJwk: keys.privateJwk, keyId: keys.keyId });
  token = await mint({ tenant: "tenant_01jz8m3k5qf7x9v2t4w6y8a0bc", actor: "user_01jz8m3k5qf7x9v2t4w6y8a0bc", roles: ["role_01jz8m3k5qf7x9v2t4w6y8a0bc"], teams: ["team_01jz8m3k5qf7x9v2t4w6y8a0bc"], grants: { "leads.*": "team", "accounts.*": "team", "opportunities.*": "own" }, policyVersion: 3 }, "lead");
  const s = await startGrpcServer({ host: "127.0.0.1", port: 0, implementations: [implement(LeadServiceService, handlers)], errors: {}, log, verify });
  port = s.port;
}
let prof: Session | undefined;
let base = process.cpuUsage();
process.on("message", async (m: any) => {
  if (m === "start") { base = process.cpuUsage(); if (process.env.PROF && mode !== "bare") { prof = new Session(); prof.connect(); await prof.post("Profiler.enable"); await prof.post("Profiler.start"); } }
  if (m === "stop") { const u = process.cpuUsage(base); if (prof) { const { profile } = await prof.post("Profiler.stop"); writeFileSync("/tmp/kn/h5/prof.cpuprofile", JSON.stringify(profile)); } process.send!({ cpuUs: u.user + u.system, rss: process.memoryUsage().rss }); }
});
process.send!({ port, token });
