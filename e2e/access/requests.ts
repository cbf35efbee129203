import type { DescMessage, DescMethod, JsonObject, JsonValue } from "@bufbuild/protobuf";
import { resourceRules } from "@keynode/contracts/descriptors";

/** A record that a command is tried on, and what its commands may name. */
export type Subject = {
  readonly id: string;
  /** The caller's own id, for commands that hand a record to somebody. */
  readonly callerId: string;
  readonly clauseId: string;
};

/** No record is at this version: a command that is let in is refused with ETAG_MISMATCH and changes nothing. */
const nobodysEtag = "999999";

type Payload = (subject: Subject) => JsonObject;

/** What commands carry besides the record's id, by rpc; those that are not here carry nothing. */
const payloads: Readonly<Record<string, Payload>> = {
  AcceptClause: ({ clauseId }) => ({ clauseId, party: "OURS" }),
  AddClause: () => ({ title: "Payment", text: "30 days" }),
  AdvanceStage: () => ({ stageKey: "engaging" }),
  AssignCase: ({ callerId }) => ({ assigneeId: callerId }),
  CancelContract: () => ({ reason: "Tried" }),
  CancelTask: () => ({ reason: "Tried" }),
  CompleteTask: () => ({ outcome: "Tried" }),
  DisqualifyLead: () => ({ reason: "NO_NEED" }),
  LoseOpportunity: () => ({ reason: "PRICE" }),
  OffboardUser: ({ callerId }) => ({ successorId: callerId }),
  ProposePosition: ({ clauseId }) => ({ clauseId, party: "OURS", position: "45 days" }),
  RecordInquiry: () => ({ inquiry: { channel: "PHONE", product: "Seat", question: "How much?" } }),
  RemoveClause: ({ clauseId }) => ({ clauseId }),
  RespondToKeyNode: () => ({ outcome: "Called back" }),
  ReopenCase: () => ({ note: "Tried" }),
  ChangeCustomFieldKind: () => ({ kind: "TEXT" }),
  CloseCase: () => ({ note: "Tried" }),
  SetUserPassword: () => ({ password: "a password nobody has" }),
  SignContract: () => ({
    signatories: [
      { name: "Chen", party: "OURS" },
      { name: "王芳", party: "THEIRS" },
    ],
  }),
  SolveCase: () => ({ solution: "Tried" }),
  WaiveKeyNode: () => ({ reason: "Tried" }),
  WinOpportunity: () => ({ reason: "PRICE" }),
};

/** Every reassignment names the caller: nobody is refused for whom it names. */
const reassignment: Payload = ({ callerId }) => ({ ownerId: callerId });

/** What an update changes: the first of these fields that the resource has. */
const changes: Readonly<Record<string, JsonValue>> = {
  name: "Tried",
  title: "Tried",
  subject: "Tried",
  displayName: { en: "Tried", zh: "试" },
  sections: [{ displayName: { en: "Tried", zh: "试" }, entries: [{ field: "subject" }] }],
};

/** How a method takes what it is about. */
export type Shape =
  /** One record by its id: a get, a delete, a verb. */
  | { readonly kind: "record"; readonly resource: string }
  /** A record with new values. */
  | {
      readonly kind: "update";
      readonly resource: string;
      readonly field: string;
      readonly changed: string;
      readonly value: JsonValue;
    }
  | { readonly kind: "list"; readonly resource: string; readonly rows: string }
  /** A record, or a batch of them, to be made. */
  | { readonly kind: "create"; readonly resource: string }
  /** None of these: what it lets through is said in the test of its own. */
  | { readonly kind: "other" };

export const shapeOf = (method: DescMethod): Shape => {
  const { input, output } = method;
  const fields = new Map(input.fields.map((field) => [field.name, field]));
  const rows = output.fields.find(({ fieldKind, name: row }) => fieldKind === "list" && row !== "results");
  if (rows?.fieldKind === "list" && rows.listKind === "message" && fields.has("page_token")) {
    const resource = typeOf(rows.message);
    return resource === undefined ? { kind: "other" } : { kind: "list", resource, rows: rows.jsonName };
  }
  const batch = fields.get("requests");
  if (batch?.fieldKind === "list" && batch.listKind === "message") {
    const resource = batch.message.fields.map((field) => typeOf(field.message)).find((type) => type !== undefined);
    return resource === undefined ? { kind: "other" } : { kind: "create", resource };
  }
  const resource = typeOf(output);
  if (resource === undefined) return { kind: "other" };
  const carried = input.fields.find((field) => typeOf(field.message) === resource);
  if (carried !== undefined && fields.has("update_mask") && carried.message !== undefined) {
    const [changed, value] = Object.entries(changes).find(([name]) =>
      carried.message?.fields.some((field) => field.jsonName === name),
    ) ?? ["", ""];
    return changed === "" ? { kind: "other" } : { kind: "update", resource, field: carried.jsonName, changed, value };
  }
  if (carried !== undefined) return { kind: "create", resource };
  return fields.has("id") ? { kind: "record", resource } : { kind: "other" };
};

const typeOf = (message: DescMessage | undefined): string | undefined =>
  message === undefined ? undefined : resourceRules(message)?.type;

/** The request by which a method is tried on a record. */
export const requestOn = (method: DescMethod, shape: Shape, subject: Subject): JsonObject => {
  if (shape.kind === "update") {
    return {
      [shape.field]: { id: subject.id, etag: nobodysEtag, [shape.changed]: shape.value },
      updateMask: shape.changed,
    };
  }
  const etag = method.input.fields.some(({ name }) => name === "etag") ? { etag: nobodysEtag } : {};
  return { ...commandOn(method, subject), ...etag };
};

/** A command on a record, at whatever version it is. */
export const commandOn = ({ name }: DescMethod, subject: Subject): JsonObject => {
  const payload = name.startsWith("Reassign") ? reassignment : payloads[name];
  return { id: subject.id, ...payload?.(subject) };
};
