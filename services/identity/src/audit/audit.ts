import type { AuthServiceService } from "@keynode/contracts/crm/identity/v1/auth_service";
import { AuditEntryServiceService } from "@keynode/contracts/crm/identity/v1/audit_entry_service";
import { implement, type Handlers } from "@keynode/grpc/implement";
import type { ServiceTools } from "@keynode/runtime/service-definition";
import { randomUUID } from "node:crypto";
import type { IdentityConfig } from "../config.ts";
import type { TenantStore } from "../tenant.ts";
import { auditEntryApi } from "./api/audit-entry.ts";
import { openEntries } from "./entries.ts";
import { retentionOf } from "./retention.ts";
import { sealing, sealsOf } from "./seal.ts";
import { withSignInsRecorded } from "./sign-in-record.ts";
import { openSigner } from "./signature.ts";
import { openSources } from "./sources.ts";
import { auditedServices, auditTail } from "./tail-worker.ts";

/** The audit trail, put together: it asks nothing of the rest of the service but the tenants' settings. */
export const openAudit = (
  { db, now, accesses, peers }: Pick<ServiceTools, "db" | "now" | "accesses" | "peers">,
  config: Pick<IdentityConfig, "AUDIT_SEAL_MS" | "AUDIT_RETIRED_KEYS" | "INTERNAL_KEY">,
  tenants: TenantStore,
) => {
  const entries = openEntries(db, { now, sealAfterMs: config.AUDIT_SEAL_MS });
  const seals = sealsOf(db);
  const sources = openSources(db, { services: auditedServices(), owner: randomUUID(), now });
  const signer = openSigner(config.INTERNAL_KEY, config.AUDIT_RETIRED_KEYS);
  return {
    implementation: implement(
      AuditEntryServiceService,
      auditEntryApi({ entries, seals, signer, peers, sources, accesses }, now),
    ),
    recorded: (handlers: Handlers<typeof AuthServiceService>) => withSignInsRecorded(handlers, accesses, tenants),
    alarm: sealing({ entries, seals, signer, now, retentionYears: retentionOf(tenants) }),
    worker: auditTail(entries, sources, peers),
    prepare: entries.prepare,
  };
};
