import { expect } from "vitest";
import { acceptance } from "./acceptance.ts";
import { api, eventually } from "./api.ts";
import type { Case } from "./records.ts";
import { newAccount, newUser } from "./steps.ts";

const client = api();

acceptance("C-060", "a chat request is numbered, acknowledged and has an agent", async () => {
  await newUser(client, "Service agent");
  const { id: accountId } = await newAccount(client);
  const opened = await client.post<Case>("/v1/cases", {
    accountId,
    kind: "SERVICE_REQUEST",
    subject: "It does not start",
    channel: "CHAT",
    urgency: "HIGH",
  });
  expect(opened.number).not.toBe("");
  expect(opened.acknowledgeTime).toBeDefined();
  await eventually(
    () => client.get<Case>(`/v1/cases/${opened.id}`),
    (found) =>
      expect(found).toMatchObject({ status: "ASSIGNED", assigneeId: expect.stringMatching(/^(user|apikey)_/) }),
  );
  const next = await client.post<Case>("/v1/cases", { accountId, kind: "QUESTION", subject: "How?", channel: "CHAT" });
  expect(next.number).not.toBe(opened.number);
});
