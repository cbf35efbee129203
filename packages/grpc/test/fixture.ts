import type { Principal, Scope } from "@keynode/auth/principal";
import type { AuthFailure } from "@keynode/auth/verifier";
import { JournalServiceService } from "@keynode/contracts/crm/chassis/v1/journal_service";
import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import { LeadServiceService } from "@keynode/contracts/crm/lead/v1/lead_service";
import type { ErrorTable } from "@keynode/decider/error-table";
import { logger } from "@keynode/telemetry/logger";
import { startTelemetry } from "@keynode/telemetry/start-telemetry";
import { onTestFinished } from "vitest";
import { grpcClient } from "../src/client.ts";
import { type Handlers, implement } from "../src/implement.ts";
import { type GrpcServerOptions, startGrpcServer } from "../src/server.ts";

export const LEAD_ID = "lead_01jz8m3k5qf7x9v2t4w6y8a0bc";

export const ownErrors = {
  LEAD_CONVERTED: {
    code: "FAILED_PRECONDITION",
    message: { en: "The lead was converted to {accountId}", zh: "该线索已转化为 {accountId}" },
  },
} as const satisfies ErrorTable;

export const principal = (grants: Record<string, Scope>, more: Partial<Principal> = {}): Principal => ({
  tenant: "tenant_1",
  actor: "user_1",
  roles: [],
  teams: ["team_1"],
  grants,
  policyVersion: 1,
  ...more,
});

/** Tokens of the tests: their text names one of these. */
const principals: Readonly<Record<string, Principal>> = {
  seller: principal({ "leads.*": "team" }),
  reader: principal({ "leads.read": "all", "leads.create": "all" }),
  ruled: principal({ "leads.read": "all" }, { maskRules: { PHONE: { keepFirst: 0, keepLast: 2, keepPlace: false } } }),
  stranger: principal({ "accounts.*": "all" }),
  crossing: principal({ "*": "all" }, { tenant: "*", actor: "service:analytics" }),
  analytics: principal({ "journal.read": "all", "journal.readSensitive": "all" }, { actor: "service:analytics" }),
  mover: principal({ "journal.read": "all" }, { actor: "service:mover" }),
  admin: principal({ "*": "all" }),
};

const verify = async (token: string): Promise<Principal | AuthFailure> =>
  principals[token] ?? { kind: "AuthFailure", reason: "bad_signature" };

export const lead = (fields: Partial<Lead> = {}): Lead => Lead.fromPartial({ id: LEAD_ID, ...fields });

type LeadHandlers = Handlers<typeof LeadServiceService>;
type JournalHandlers = Handlers<typeof JournalServiceService>;

const unexpected = async (): Promise<never> => {
  throw new Error("this rpc is not part of the test");
};

const unexpectedLeads = Object.fromEntries(Object.keys(LeadServiceService).map((name) => [name, unexpected])) as Record<
  keyof LeadHandlers,
  typeof unexpected
>;

type Setup = Partial<GrpcServerOptions> & {
  leads?: Partial<LeadHandlers>;
  readJournal?: JournalHandlers["readJournal"];
  deadlineMs?: number;
};

/** A server on a port of its own with the rpcs given, its log lines, and clients for it; all gone after the test. */
export const serve = async ({ leads, readJournal, deadlineMs = 5_000, ...options }: Setup = {}) => {
  const lines: Record<string, unknown>[] = [];
  const log = logger({
    name: "lead",
    level: "info",
    destination: { write: (line) => lines.push(JSON.parse(line)) },
  });
  const telemetry = await startTelemetry({ serviceName: "lead", log });
  onTestFinished(telemetry.shutdown);
  const server = await startGrpcServer({
    host: "127.0.0.1",
    port: 0,
    implementations: [
      implement(LeadServiceService, { ...unexpectedLeads, ...leads }),
      implement(JournalServiceService, {
        async *readJournal() {
          yield* [];
        },
        awaitPublished: async () => ({ published: true }),
        ...(readJournal ? { readJournal } : undefined),
      }),
    ],
    errors: ownErrors,
    verify,
    log,
    ...options,
  });
  const address = `127.0.0.1:${server.port}`;
  const as = (token: string | undefined) => {
    const source = token === undefined ? {} : { token: async () => token };
    const client = grpcClient(LeadServiceService, { address, deadlineMs, ...source });
    const journal = grpcClient(JournalServiceService, { address, deadlineMs, ...source });
    onTestFinished(() => {
      client.close();
      journal.close();
    });
    return { leads: client, journal };
  };
  onTestFinished(() => server.drain(0));
  return { server, address, lines, as };
};

export const collect = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
};

/** What a call is refused with. */
export const refusal = async (call: Promise<unknown>) => {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error("the call was not refused");
};
