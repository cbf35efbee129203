import { afterAll, beforeAll, expect, test } from "vitest";
import { type PersistentClient, persistentClient } from "./persistent-client.ts";
import type { Problem } from "./records.ts";
import { type Stack, startStack } from "./stack.ts";
import { newAccount } from "./steps.ts";

/** Faults take a machine that is busy with other tests their time. */
const timeout = 240_000;

let stack: Stack;
let client: PersistentClient;

beforeAll(async () => {
  stack = await startStack();
  client = persistentClient(stack.access);
});

afterAll(() => stack?.stop());

/** A route of each service, and the sections of the profile that it fills. */
const SERVICES: Readonly<Record<string, { readonly route: string; readonly sections?: readonly string[] }>> = {
  lead: { route: "/v1/leads" },
  opportunity: { route: "/v1/opportunities", sections: ["opportunities"] },
  contract: { route: "/v1/contracts", sections: ["contracts", "purchases"] },
  identity: { route: "/v1/users" },
  service: { route: "/v1/cases", sections: ["cases"] },
  engagement: { route: "/v1/tasks", sections: ["behaviours", "tasks"] },
  analytics: { route: "/v1/reports/sales?groupBy=NONE&currency=CNY" },
  integration: { route: "/v1/savedViews" },
  account: { route: "/v1/accounts", sections: ["contacts", "keyNodes"] },
};

type Section = { readonly items?: readonly unknown[]; readonly error?: Problem };
type Profile = { readonly account: Section; readonly sections: Readonly<Record<string, Section>> };

test(
  "a service that is down takes its own routes down and its sections of the profile, and nothing else",
  async () => {
    const { send } = client.once;
    const account = await newAccount(client.api);
    const down = new Set<string>();
    for (const [name, { sections: own = [] }] of Object.entries(SERVICES)) {
      await stack.keynode.services.get(name)?.stop();
      down.add(name);
      const answers = await Promise.all(
        Object.entries(SERVICES).map(async ([service, { route }]) => {
          const { status, headers } = await send<Problem>("GET", route);
          return [service, status, headers.get("retry-after")];
        }),
      );
      expect(answers).toEqual(
        Object.keys(SERVICES).map((service) => [service, ...(down.has(service) ? [503, "1"] : [200, null])]),
      );
      const { status, body } = await send<Profile>("GET", `/v1/accounts/${account.id}:profile`);
      expect(status).toBe(200);
      const missing = Object.entries(body.sections).filter(([, section]) => section.error?.status === 503);
      const lost = [...down].flatMap((service) => SERVICES[service]?.sections ?? []);
      expect(missing.map(([section]) => section).sort()).toEqual(lost.sort());
      expect(own.every((section) => section in body.sections)).toBe(true);
      expect(body.account.error?.status).toBe(down.has("account") ? 503 : undefined);
    }
  },
  timeout,
);
