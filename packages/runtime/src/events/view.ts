import { fromBinary, type JsonObject, type Message, toJson } from "@bufbuild/protobuf";
import { grantedScope } from "@keynode/auth/principal";
import { maySee, type Visibility, type Visible } from "@keynode/auth/visibility";
import type { CloudEvent } from "@keynode/contracts/crm/chassis/v1/event_service";
import { registry, resourceRules } from "@keynode/contracts/descriptors";
import { type EventType, eventTypes, SNAPSHOT } from "@keynode/contracts/events";
import { readPermission } from "@keynode/contracts/record-types";
import type { FieldSource } from "@keynode/fields/field-set";
import type { Call } from "@keynode/grpc/call";
import { fieldPlanOf } from "@keynode/grpc/custom-fields/field-plan";
import { fieldsOfEvents, type ShownFields } from "@keynode/grpc/custom-fields/shown-fields";
import { type AnswerMask, answerMask } from "@keynode/grpc/masking/answer-mask";
import { planCompiler } from "@keynode/grpc/masking/message-plan";
import type { SensitiveRead } from "@keynode/grpc/masking/sensitive-read";
import type { JournalRow } from "@keynode/messaging/entry";
import type { Journal } from "@keynode/messaging/journal";

/** What a reader wants of a context's events. */
export type Wanted = {
  /** Full names; none for all. */
  readonly types: readonly string[];
  /** None for all. */
  readonly collections: readonly string[];
  /** Empty for every record's. */
  readonly recordId: string;
};

/** An event as a caller may see it, and what sensitive values it shows. */
export type Shown = { readonly event: CloudEvent; readonly reads: readonly SensitiveRead[] };

/** Shows a row to the caller; undefined when the caller does not want it or may not see it. */
export type View = (row: JournalRow) => Promise<Shown | undefined>;

type Known = EventType & {
  readonly collection: string;
  readonly mask: AnswerMask | undefined;
  readonly fields: ShownFields | undefined;
};

/** The events of one context, as their readers see them. */
export const eventViews = (context: string, journal: Pick<Journal, "commit">, source: FieldSource | undefined) => {
  const plan = planCompiler();
  const known = new Map<string, Known>();
  for (const event of eventTypes(registry())) {
    if (event.context !== context) continue;
    const collection = resourceRules(event.record)?.collection ?? "";
    const found = plan(event.message);
    const fields = fieldPlanOf(event.message);
    known.set(event.name, {
      ...event,
      collection,
      mask: found && answerMask(found, collection),
      fields: fields && source && fieldsOfEvents(fields, source),
    });
  }

  /** Whose the record was once the commit was done: its last event says it. */
  const ownership = async (row: JournalRow, own: Message): Promise<Visible | undefined> => {
    if (row.index === row.count - 1) return snapshotOf(own);
    const last = (await journal.commit(row.tenant, row.aggregate, row.version)).at(-1);
    const type = last && known.get(last.type);
    return type && snapshotOf(fromBinary(type.message, new Uint8Array(last.data.buffer)));
  };

  /** A view for one caller, whose rights are those of the call. */
  return (call: Call, { types, collections, recordId }: Wanted): View => {
    const visible = new Map<string, Visibility | undefined>();
    const visibilityIn = (collection: string): Visibility | undefined => {
      if (!visible.has(collection)) {
        const scope = grantedScope(call.principal, readPermission(collection));
        visible.set(collection, scope && call.within(scope));
      }
      return visible.get(collection);
    };
    const isWanted = ({ type, collection }: Known, row: JournalRow): boolean =>
      (types.length === 0 || types.includes(type)) &&
      (collections.length === 0 || collections.includes(collection)) &&
      (recordId === "" || row.aggregate === recordId);

    return async (row) => {
      const type = known.get(row.type);
      if (type === undefined || !isWanted(type, row)) return undefined;
      const visibility = visibilityIn(type.collection);
      if (visibility === undefined) return undefined;
      const message = fromBinary(type.message, new Uint8Array(row.data.buffer));
      const record = visibility.kind === "all" ? undefined : await ownership(row, message);
      if (visibility.kind !== "all" && (record === undefined || !maySee(visibility, record))) return undefined;
      const seen = (await type.fields?.(message, call)) ?? message;
      const { message: shown, reads } = type.mask?.(seen, call, true) ?? { message: seen, reads: [] };
      // The mask changes values of fields and never their kinds.
      const data = toJson(type.message, shown as Message, { registry: registry() }) as JsonObject;
      return { event: cloudEvent(context, type.type, row, data), reads };
    };
  };
};

const snapshotOf = (event: Message): Visible | undefined => {
  const { [SNAPSHOT]: snapshot } = event as Message & { readonly [SNAPSHOT]?: Visible };
  return snapshot;
};

const cloudEvent = (context: string, type: string, row: JournalRow, data: JsonObject): CloudEvent => ({
  specversion: "1.0",
  id: row._id,
  source: `/crm/${context}`,
  type,
  subject: row.aggregate,
  time: row.at,
  datacontenttype: "application/json",
  tenant: row.tenant,
  kind: row.kind,
  recordversion: row.version,
  eventindex: row.index,
  eventcount: row.count,
  actor: row.actor,
  causedby: row.causedBy ?? "",
  data,
});
