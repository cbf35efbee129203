import { AuthServiceService } from "@keynode/contracts/crm/identity/v1/auth_service";
import { User } from "@keynode/contracts/crm/identity/v1/user";
import { UserServiceService } from "@keynode/contracts/crm/identity/v1/user_service";
import { startForTest } from "@keynode/runtime/testing";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { identityService } from "../../src/service.ts";
import { tenantIdOf } from "../../src/tenant.ts";
import { installation, required, stranger, tokenIn } from "../start.ts";
import { read, startMailServer } from "./mail-server.ts";

const { written } = vi.hoisted(() => ({ written: [] as string[] }));
vi.mock("@keynode/telemetry/logger", async (original) => {
  const { logger } = await original<typeof import("@keynode/telemetry/logger")>();
  return {
    logger: (options: Parameters<typeof logger>[0]) =>
      logger({ ...options, level: "trace", destination: { write: (line) => written.push(line) } }),
  };
});

const tenant = tenantIdOf(installation.SEED_TENANT);
const account = { user: "keynode", password: "postal-secret-1" };

describe("a link", () => {
  it("comes by mail once the server is there, opens the account, and is in no log", async () => {
    // A port where nobody listens yet: the mail server is away when the links are asked for.
    const away = await startMailServer();
    await away.stop();
    const under = await startForTest(identityService, {
      ...required,
      ...installation,
      SMTP_URL: `smtp://${account.user}:${account.password}@127.0.0.1:${away.port}`,
      SMTP_PLAIN: "true",
    });
    const users = under.client(UserServiceService, stranger({ tenant }));
    const auth = under.client(AuthServiceService);
    const invited = await users.inviteUser({ user: User.fromPartial({ name: "李伟", email: "li@demo.example" }) });
    const known = await users.createUser({ user: User.fromPartial({ name: "Wang", email: "wang@demo.example" }) });
    await users.setUserPassword({ id: known.id, etag: "", password: "lantern orchard 7" });
    await auth.requestPasswordReset({ tenant, email: known.email });
    await vi.waitFor(() => expect(written.join()).toContain("event waits for what its handler needs"), 10_000);

    const { taken, stop } = await startMailServer({ account, port: away.port });
    onTestFinished(stop);
    await vi.waitFor(() => expect(taken.length).toBe(2), { timeout: 25_000, interval: 50 });
    expect(new Set(taken.flatMap(({ to }) => to))).toEqual(new Set([invited.email, known.email]));

    const tokens = taken.map((mail) => tokenIn(read(mail).text));
    for (const [index, mail] of taken.entries()) {
      const [email = ""] = mail.to;
      const password = `another orchard ${index + 2}`;
      await auth.resetPassword({ token: tokens[index] ?? "", newPassword: password });
      await auth.signIn({ tenant, email, password });
    }
    for (const secret of [...tokens, account.password, invited.email, known.email]) {
      expect(secret).not.toBe("");
      expect(written.join().includes(secret)).toBe(false);
    }
  });
});
