import { fork } from "node:child_process";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { LeadServiceService, GetLeadRequest, CreateLeadRequest } from "@keynode/contracts/crm/lead/v1/lead_service";
import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
const N = Number(process.argv[2] ?? 20000), rpc = process.argv[3] ?? "getLead";
const run = async (mode: string) => {
  const child = fork(new URL("./server.mts", import.meta.url), [mode], { execArgv: ["--conditions=source"] });
  const next = () => new Promise<any>((r) => child.once("message", r));
  const { port, token } = await next();
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), { "grpc.enable_channelz": 0 });
  const def = (LeadServiceService as any)[rpc];
  const request = rpc === "getLead" ? GetLeadRequest.fromPartial({ id: "lead_01jz8m3k5qf7x9v2t4w6y8a0bc" }) : CreateLeadRequest.fromPartial({ lead: Lead.fromPartial({ name: "Lin", company: "Acme", email: "lin@example.com", phone: "+8613800000000", source: "TRADE_SHOW", needs: ["a", "b"] }) });
  const call = () => new Promise<void>((resolve, reject) => {
    const md = new Metadata();
    if (mode !== "bare") { md.set("authorization", `Bearer ${token}`); md.set("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"); md.set("x-request-id", "01jz8m3k5qf7x9v2t4w6y8a0bc"); md.set("accept-language", "zh-CN,zh;q=0.9,en;q=0.8"); if (rpc !== "getLead") md.set("idempotency-key", "k-"+Math.random()); }
    client.makeUnaryRequest(def.path, def.requestSerialize, (b: Buffer) => b, request, md, { deadline: Date.now() + 10_000 }, (e) => (e ? reject(e) : resolve()));
  });
  const load = async (n: number) => { let i = 0; await Promise.all(Array.from({ length: 32 }, async () => { while (i++ < n) await call(); })); };
  await load(N / 2);
  child.send("start"); const t = performance.now(); await load(N); const ms = performance.now() - t; child.send("stop");
  const { cpuUs, rss } = await next(); client.close(); child.kill();
  return { us: cpuUs / N, rps: (N / ms) * 1000, rss: rss / 1e6 };
};
const rounds = Number(process.argv[4] ?? 3);
const sum: Record<string, number[]> = { bare: [], ours: [] };
for (let r = 0; r < rounds; r++) for (const m of ["bare", "ours"]) { const x = await run(m); sum[m]!.push(x.us); console.log(m, x.us.toFixed(1), "us cpu/call", x.rps.toFixed(0), "rps", x.rss.toFixed(0), "MB"); }
const med = (a: number[]) => Math.min(...a);
console.log(rpc, "ratio", (med(sum.ours!) / med(sum.bare!)).toFixed(3));
