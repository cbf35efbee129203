import type { DescMessage } from "@bufbuild/protobuf";
import type { Access } from "@keynode/contracts/crm/chassis/v1/access_log_service";
import type { ReadJournalResponse } from "@keynode/contracts/crm/chassis/v1/journal_service";
import type { Origin } from "@keynode/contracts/crm/chassis/v1/origin";
import { registry, resourceRules } from "@keynode/contracts/descriptors";
import { customFieldsOf } from "@keynode/fields/holders";
import { randomBytes } from "node:crypto";
import { contentDigests, filledFields, filledKeys, opaque, type Shape, shapeName, shapeOf } from "./content-shape.ts";
import { digestOfList } from "./digest.ts";
import { type EntryFacts, type EntryKind, entryDigest, networkHash, type StoredEntry } from "./entry.ts";

/** An event's message by its context and short name; undefined for those of a newer build than this. */
const eventOf = (context: string, type: string): DescMessage | undefined =>
  registry().getMessage(`crm.${context}.v1.${type}`);

/** Field of an event that holds the record after the commit. */
const snapshotField = 15;

/** Shapes of events, worked out once each. */
const shapes = new Map<string, { readonly shape: Shape; readonly name: string }>();

const shapeOfEvent = (context: string, type: string): { readonly shape: Shape; readonly name: string } => {
  const key = `${context}.${type}`;
  const known = shapes.get(key);
  if (known !== undefined) return known;
  const message = eventOf(context, type);
  const shape = message === undefined ? opaque : shapeOf(message);
  const made = { shape, name: shapeName(shape) };
  shapes.set(key, made);
  return made;
};

const salt = (): string => randomBytes(16).toString("base64url");

/** What vouches for all of a journal's row that is never erased; `plain` is the digest of its event's plain fields. */
export const rowDigest = (row: ReadJournalResponse, plain: string): string =>
  digestOfList(
    "keynode-journal-1",
    row.eventId,
    row.tenant,
    row.context,
    row.kind,
    row.recordId,
    row.version,
    row.index,
    row.count,
    row.type,
    row.commitTime?.toISOString() ?? "",
    row.actor,
    row.causedBy,
    row.traceparent,
    row.commandKey,
    row.requestHash,
    row.changedFields,
    row.origin === undefined ? [] : [row.origin.requestId, row.origin.sessionId, row.origin.agent],
    plain,
  );

/** Changes that are also something else. */
const kinds: Readonly<Record<string, EntryKind>> = { SessionOpened: "SIGN_IN" };

/** The entry of a change, and the shape that its event was taken apart by. */
export const entryOfEvent = (row: ReadJournalResponse): { entry: StoredEntry; shape: Shape } => {
  const { shape, name } = shapeOfEvent(row.context, row.type);
  const { plain, personal } = contentDigests(row.data, shape);
  const contentSalt = salt();
  const snapshot = eventOf(row.context, row.type)?.fields.find(({ number }) => number === snapshotField)?.message;
  const entry = sealable({
    _id: row.eventId,
    tenant: row.tenant,
    service: row.context,
    kind: kinds[row.type] ?? "CHANGE",
    action: row.type,
    collection: (snapshot && resourceRules(snapshot)?.collection) ?? "",
    recordIds: [row.recordId],
    recordCount: 1,
    version: row.version,
    fields: snapshot === undefined ? [] : changedNames(row, snapshot),
    actor: row.actor,
    at: row.commitTime ?? new Date(0),
    recordedAt: row.recordTime ?? new Date(0),
    causedBy: row.causedBy,
    ...originFacts(row.origin),
    refusal: "",
    occurrences: 1,
    row: {
      digest: rowDigest(row, plain),
      shape: name,
      content: { salt: contentSalt, hash: personal(contentSalt) },
    },
  });
  return { entry, shape };
};

/**
 * Names of the fields that a commit changed, on its last event: of those that the contract knows, since private ones are
 * nobody's business; custom ones by their keys. A commit that made the record set those that its snapshot has.
 */
const changedNames = ({ changedFields, version, index, count, data }: ReadJournalResponse, record: DescMessage) => {
  if (index !== count - 1) return [];
  const changed = new Set(changedFields);
  const filled = version === 1 ? filledFields(data, snapshotField) : undefined;
  const names = record.fields
    .filter(({ number, jsonName }) => filled?.has(number) ?? changed.has(jsonName))
    .map(({ jsonName }) => jsonName)
    .filter((name) => !chassisFields.has(name));
  const custom = customFieldsOf(record);
  if (custom === undefined) return names;
  const isOwn = (name: string): boolean => name.startsWith(`${custom.jsonName}.`);
  if (filled === undefined) return [...names, ...changedFields.filter(isOwn)];
  const keys = filledKeys(data, snapshotField, custom.number).map((key) => `${custom.jsonName}.${key}`);
  return [...names.filter((name) => name !== custom.jsonName), ...keys];
};

/** Kept by the chassis at every commit. */
const chassisFields: ReadonlySet<string> = new Set(["id", "etag", "createTime", "updateTime"]);

/** The entry of an access. */
export const entryOfAccess = (service: string, row: Access): StoredEntry =>
  sealable({
    _id: row.id,
    tenant: row.tenant,
    service,
    // A kind that this build does not know was refused or shown all the same.
    kind: row.kind === "KIND_UNSPECIFIED" || row.kind === "UNRECOGNIZED" ? "READ" : row.kind,
    action: row.action,
    collection: row.collection,
    recordIds: row.recordIds,
    recordCount: Number(row.recordCount),
    version: 0,
    fields: row.fields,
    actor: row.actor,
    at: row.accessTime ?? new Date(0),
    recordedAt: row.recordTime ?? new Date(0),
    causedBy: "",
    ...originFacts(row.origin),
    refusal: row.refusal,
    occurrences: row.occurrences,
  });

const originFacts = (
  origin: Origin | undefined,
): Pick<EntryFacts, "requestId" | "sessionId" | "agent"> & Pick<Partial<EntryFacts>, "network"> => {
  const { requestId = "", sessionId = "", network = "", agent = "" } = origin ?? {};
  const own = salt();
  return {
    requestId,
    sessionId,
    agent,
    ...(network !== "" && { network: { value: network, salt: own, hash: networkHash(own, network) } }),
  };
};

const sealable = (facts: EntryFacts): StoredEntry => ({ ...facts, digest: entryDigest(facts), open: true });
