import { expect, test } from "vitest";
import { api } from "./api.ts";
import { writeAndRead } from "./consistency.ts";

test("a read that names a write sees it, in whichever service and report", async () => {
  await writeAndRead(api(), 300);
}, 600_000);

test("a token that no answer gave is refused", async () => {
  const answer = await api().send("GET", "/v1/leads", { headers: { "keynode-consistency": "yesterday" } });
  expect(answer).toMatchObject({ status: 400, body: { code: "INVALID_CONSISTENCY_TOKEN" } });
});
