import type { AuditEntry } from "@keynode/contracts/crm/identity/v1/audit_entry";
import type { AccessKind } from "@keynode/runtime/access-log";
import { type Concealed, digestOfList } from "./digest.ts";

export type EntryKind = AccessKind | "CHANGE";

/** What an entry says, once and for all. */
export type EntryFacts = {
  /** The event's id, or the access's. */
  _id: string;
  tenant: string;
  service: string;
  kind: EntryKind;
  action: string;
  collection: string;
  recordIds: readonly string[];
  recordCount: number;
  /** Of the record after a change; 0 for accesses. */
  version: number;
  fields: readonly string[];
  actor: string;
  at: Date;
  recordedAt: Date;
  causedBy: string;
  requestId: string;
  sessionId: string;
  agent: string;
  /** Part of an address, which a person may ask to have forgotten. */
  network?: Concealed & { value?: string };
  refusal: string;
  occurrences: number;
  /** Of a change: what vouches for the row of the journal that it was read from. */
  row?: {
    /** Over all of the row that is never erased. */
    digest: string;
    /** Name of the shape that told what is never erased. */
    shape: string;
    /** For the rest. */
    content: Concealed;
  };
};

/** Where an entry stands in its chain, once it is sealed. */
export type Sealed = { sequence: number; link: string; day: string };

/** An entry as stored. Only its place in the chain is ever added, and only salts and concealed values are ever removed. */
export type StoredEntry = EntryFacts & {
  digest: string;
  /** Not sealed yet. */
  open?: true;
} & Partial<Sealed>;

/** Everything that an entry says, values that may be forgotten by their salted hashes. A new way to write it needs a new name. */
export const entryDigest = ({ network, row, ...facts }: EntryFacts): string =>
  digestOfList(
    "keynode-audit-1",
    facts._id,
    facts.tenant,
    facts.service,
    facts.kind,
    facts.action,
    facts.collection,
    facts.recordIds,
    facts.recordCount,
    facts.version,
    facts.fields,
    facts.actor,
    facts.at.toISOString(),
    facts.recordedAt.toISOString(),
    facts.causedBy,
    facts.requestId,
    facts.sessionId,
    facts.agent,
    network?.hash ?? "",
    facts.refusal,
    facts.occurrences,
    row === undefined ? [] : [row.digest, row.shape, row.content.hash],
  );

/** The hash of a part of an address under a salt. */
export const networkHash = (salt: string, value: string): string => digestOfList("network", salt, value);

/** An entry as its readers see it. */
export const shownEntry = (entry: StoredEntry): AuditEntry => ({
  id: entry._id,
  time: entry.at,
  recordTime: entry.recordedAt,
  kind: entry.kind,
  action: entry.action,
  service: entry.service,
  collection: entry.collection,
  recordIds: [...entry.recordIds],
  recordCount: BigInt(entry.recordCount),
  version: entry.version,
  fields: [...entry.fields],
  actor: entry.actor,
  actorKind: actorKindOf(entry.actor),
  requestId: entry.requestId,
  sessionId: entry.sessionId,
  network: entry.network?.value ?? "",
  agent: entry.agent,
  causedBy: entry.causedBy,
  refusal: entry.refusal,
  occurrences: entry.occurrences,
  sequence: BigInt(entry.sequence ?? 0),
  digest: entry.digest,
});

const actorKindOf = (actor: string): AuditEntry["actorKind"] => {
  if (actor.startsWith("user_")) return "USER";
  if (actor.startsWith("apikey_")) return "API_KEY";
  return actor.startsWith("service:") ? "SERVICE" : "ANONYMOUS";
};
