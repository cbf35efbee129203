import type { ReadJournalResponse } from "@keynode/contracts/crm/chassis/v1/journal_service";
import type { AuditVerdict } from "@keynode/contracts/crm/identity/v1/audit_entry_service";
import { sameSecret } from "@keynode/decider/same-secret";
import type { Peers } from "@keynode/runtime/peers";
import type { Collection } from "mongodb";
import {
  chainId,
  type ChainDocument,
  type Day,
  dayOf,
  genesis,
  rootOf,
  type SealDocument,
  type Signature,
} from "./chain.ts";
import { contentDigests, shapeName } from "./content-shape.ts";
import { linkOf } from "./digest.ts";
import type { Entries } from "./entries.ts";
import { entryDigest, networkHash, type StoredEntry } from "./entry.ts";
import { rowDigest } from "./entry-of-row.ts";
import type { Signer } from "./signature.ts";
import type { Sources } from "./sources.ts";

export type VerifierParts = {
  readonly entries: Entries;
  readonly seals: Collection<SealDocument>;
  readonly signer: Signer;
  readonly peers: Pick<Peers, "journal">;
  readonly sources: Pick<Sources, "places">;
};

/** One chain, and the days of it that are to be checked. */
export type Span = { readonly tenant: string; readonly service: string; readonly from: Date; readonly until: Date };

type Fault = Exclude<AuditVerdict["fault"], "FAULT_UNSPECIFIED" | "UNRECOGNIZED">;

/** What is wrong, and with which entry. */
export type Finding = { readonly fault: Fault; readonly entryId?: string; readonly sequence?: number };

/** A day as sealed, over or not. */
type SealedDay = Day & { readonly signature: Signature; readonly purgedAt?: Date; readonly open: boolean };

/** Entries looked at together, with the rows that they were made of. */
const groupEntries = 500;
const dayMs = 24 * 3_600_000;
/** No tenant may have entries purged before they are this old: the least that the setting allows. */
const leastRetentionMs = 365 * dayMs;

/** Checks one chain, day by day. Throws when a log that it has to compare with cannot be read. */
export async function* verifyChain(
  parts: VerifierParts,
  span: Span,
  signal: AbortSignal,
): AsyncGenerator<AuditVerdict> {
  const { entries, seals, signer } = parts;
  const { tenant, service, until } = span;
  const chain = await entries.chains.findOne({ _id: chainId(tenant, service), tenant });
  let expected = await before(seals, span);

  for await (const day of sealedDays(seals, chain, span)) {
    if (signal.aborted) return;
    const signed = signer.check(day.root, day.signature);
    const finding =
      sealFinding(day, expected, signed) ?? (day.purgedAt ? undefined : await dayFinding(parts, span, day, signal));
    yield verdictOf(service, day, finding, signed !== "unknown-key");
    expected = { root: day.root, sequence: day.lastSequence };
  }
  const end = { root: chain?.day?.root ?? chain?.root ?? genesis(tenant, service), sequence: chain?.sequence ?? 0 };
  // The chain's document goes on from the last seal; where it does not, the last seals are gone.
  const reachesEnd = dayOf(until) >= (chain?.day?.day ?? dayOf(until));
  if (reachesEnd && (expected.sequence !== end.sequence || expected.root !== end.root))
    yield strayVerdict(service, dayOf(until), { fault: "SEAL_MISSING" });
  for await (const { finding, at } of strays(parts, span, chain, signal))
    yield strayVerdict(service, dayOf(at), finding);
}

type Expected = { readonly root: string; readonly sequence: number };

/** What the first day of a span goes on from. */
const before = async (seals: Collection<SealDocument>, { tenant, service, from }: Span): Promise<Expected> => {
  const last = await seals
    .find({ tenant, service, day: { $lt: dayOf(from) } })
    .sort({ day: -1 })
    .limit(1)
    .next();
  return last ? { root: last.root, sequence: last.lastSequence } : { root: genesis(tenant, service), sequence: 0 };
};

async function* sealedDays(
  seals: Collection<SealDocument>,
  chain: ChainDocument | null,
  { tenant, service, from, until }: Span,
): AsyncGenerator<SealedDay> {
  const days = { $gte: dayOf(from), $lte: dayOf(until) };
  let last = "";
  for await (const seal of seals.find({ tenant, service, day: days }).sort({ day: 1 })) {
    last = seal.day;
    yield { ...seal, open: false };
  }
  const open = chain?.day;
  // A day that was closed meanwhile has been among the seals.
  if (open && open.day > last && open.day >= days.$gte && open.day <= days.$lte) yield { ...open, open: true };
}

const sealFinding = (day: SealedDay, expected: Expected, signed: ReturnType<Signer["check"]>): Finding | undefined => {
  if (rootOf(day) !== day.root || signed === "invalid") return { fault: "SEAL_ALTERED" };
  if (day.previousRoot !== expected.root || day.firstSequence !== expected.sequence + 1)
    return { fault: "SEAL_MISSING" };
  const keptMs = day.purgedAt && day.purgedAt.getTime() - Date.parse(day.day);
  return keptMs !== undefined && keptMs < leastRetentionMs ? { fault: "SEAL_ALTERED" } : undefined;
};

/** The first entry of a day that is not as it was sealed. */
const dayFinding = async (
  { entries, peers }: VerifierParts,
  { tenant, service }: Span,
  day: SealedDay,
  signal: AbortSignal,
): Promise<Finding | undefined> => {
  const { firstSequence, lastSequence } = day;
  let link = day.previousRoot;
  let sequence = firstSequence - 1;
  const found = entries.collection
    .find({ tenant, service, sequence: { $exists: true, $gte: firstSequence, $lte: lastSequence } })
    .hint("sequence")
    .sort({ sequence: 1 });
  const check = async (group: readonly StoredEntry[]): Promise<Finding | undefined> => {
    const rows = await rowsOf(peers, service, tenant, group, signal);
    for (const entry of group) {
      sequence += 1;
      if (entry.sequence !== sequence) return { fault: "ENTRY_MISSING", sequence };
      const fault =
        entryFault(entry) ??
        (linkOf(link, entry.digest) === entry.link ? undefined : "ENTRY_REPLACED") ??
        (await journalFault(entries, entry, rows.get(entry._id)));
      if (fault) return { fault, entryId: entry._id, sequence };
      link = entry.link ?? "";
    }
    return undefined;
  };
  let group: StoredEntry[] = [];
  for await (const entry of found) {
    group.push(entry);
    if (group.length < groupEntries) continue;
    const finding = await check(group);
    if (finding) return finding;
    group = [];
  }
  const finding = await check(group);
  if (finding) return finding;
  if (sequence < lastSequence) return { fault: "ENTRY_MISSING", sequence: sequence + 1 };
  return link === day.lastLink ? undefined : { fault: "SEAL_ALTERED" };
};

const entryFault = (entry: StoredEntry): Fault | undefined => {
  const { network } = entry;
  if (!sameSecret(entry.digest, entryDigest(entry))) return "ENTRY_ALTERED";
  if (network?.value === undefined) return undefined;
  return sameSecret(network.hash, networkHash(network.salt ?? "", network.value)) ? undefined : "ENTRY_ALTERED";
};

/** The journal's rows that entries of a group were made of. */
const rowsOf = async (
  peers: VerifierParts["peers"],
  service: string,
  tenant: string,
  group: readonly StoredEntry[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ReadJournalResponse>> => {
  const eventIds = group.filter(({ row }) => row !== undefined).map(({ _id }) => _id);
  const rows = new Map<string, ReadJournalResponse>();
  if (eventIds.length === 0) return rows;
  for await (const row of peers.journal(service, { tenant, eventIds }, signal)) rows.set(row.eventId, row);
  return rows;
};

const journalFault = async (
  entries: Pick<Entries, "shape">,
  entry: StoredEntry,
  row: ReadJournalResponse | undefined,
): Promise<Fault | undefined> => {
  if (entry.row === undefined) return undefined;
  if (row === undefined) return "JOURNAL_ROW_MISSING";
  const { digest, shape: name, content } = entry.row;
  const shape = await entries.shape(name);
  if (shape === undefined || shapeName(shape) !== name) return "ENTRY_ALTERED";
  const { plain, personal } = contentDigests(row.data, shape);
  if (!sameSecret(digest, rowDigest(row, plain))) return "JOURNAL_ROW_ALTERED";
  // Without its salt the personal content was erased.
  return content.salt === undefined || sameSecret(content.hash, personal(content.salt))
    ? undefined
    : "JOURNAL_ROW_ALTERED";
};

type Stray = { readonly finding: Finding; readonly at: Date };

/** Entries that stand in no chain, and rows of the journal that no entry was ever made of. */
async function* strays(
  { entries, seals, peers, sources }: VerifierParts,
  { tenant, service, from, until }: Span,
  before: ChainDocument | null,
  signal: AbortSignal,
): AsyncGenerator<Stray> {
  const at = { $gte: from, $lte: until };
  const unchained = entries.collection
    .find({ tenant, service, at, sequence: { $exists: false }, open: { $exists: false } })
    .hint("list_at_desc")
    .sort({ at: 1, _id: 1 })
    .limit(1);
  for await (const entry of unchained) yield { finding: { fault: "ENTRY_INSERTED", entryId: entry._id }, at: entry.at };
  const behind = await entries.collection
    .find({ tenant, service, sequence: { $exists: true, $gt: before?.sequence ?? 0 } })
    .hint("sequence")
    .sort({ sequence: 1 })
    .limit(groupEntries)
    .toArray();
  // What has been sealed meanwhile was noted in the chain first.
  const chain = await entries.chains.findOne({ _id: chainId(tenant, service), tenant });
  const sealing = new Set(chain?.pending?.entries.map(({ id }) => id));
  const inserted = behind.find(({ _id, sequence = 0 }) => sequence > (chain?.sequence ?? 0) && !sealing.has(_id));
  if (inserted) {
    const { _id: entryId, sequence = 0 } = inserted;
    yield { finding: { fault: "ENTRY_INSERTED", entryId, sequence }, at: inserted.at };
  }
  yield* insertedRows({ entries, seals, peers, sources }, { tenant, service, from, until }, signal);
}

async function* insertedRows(
  { entries, seals, peers, sources }: Omit<VerifierParts, "signer">,
  { tenant, service, from, until }: Span,
  signal: AbortSignal,
): AsyncGenerator<Stray> {
  const { settled } = await sources.places(service, "journal");
  const purged = await seals
    .find({ tenant, service, purgedAt: { $exists: true } })
    .sort({ day: -1 })
    .limit(1)
    .next();
  // Rows outlive their entries; those of a day were sealed on it, or the day after.
  const kept = purged === null ? from : new Date(Math.max(from.getTime(), Date.parse(purged.day) + 2 * dayMs));
  const end = settled.recordedAt < until ? settled.recordedAt : until;
  if (end < kept) return;
  const request = { tenant, after: { recordTime: kept, eventId: "" }, untilTime: end, keysOnly: true };
  let group: ReadJournalResponse[] = [];
  const firstMissing = async (): Promise<Stray | undefined> => {
    const [id] = await entries.missing(group.map(({ eventId }) => eventId));
    const row = group.find(({ eventId }) => eventId === id);
    return row && { finding: { fault: "JOURNAL_ROW_INSERTED", entryId: row.eventId }, at: row.recordTime ?? from };
  };
  for await (const row of peers.journal(service, request, signal)) {
    group.push(row);
    if (group.length < groupEntries) continue;
    const found = await firstMissing();
    if (found) {
      yield found;
      return;
    }
    group = [];
  }
  const found = await firstMissing();
  if (found) yield found;
}

const verdictOf = (
  service: string,
  day: SealedDay,
  finding: Finding | undefined,
  signatureChecked: boolean,
): AuditVerdict => ({
  service,
  day: day.day,
  state: finding ? "BROKEN" : day.purgedAt ? "PURGED" : "INTACT",
  fault: finding?.fault ?? "FAULT_UNSPECIFIED",
  entryId: finding?.entryId ?? "",
  sequence: BigInt(finding?.sequence ?? 0),
  entryCount: BigInt(day.lastSequence - day.firstSequence + 1),
  open: day.open,
  root: day.root,
  signatureChecked,
});

/** Of what belongs to no sealed day. */
const strayVerdict = (service: string, day: string, { fault, entryId = "", sequence = 0 }: Finding): AuditVerdict => ({
  service,
  day,
  state: "BROKEN",
  fault,
  entryId,
  sequence: BigInt(sequence),
  entryCount: 0n,
  open: false,
  root: "",
  signatureChecked: false,
});
