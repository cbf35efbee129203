import { type FieldBehavior, fieldBehavior, registry } from "@keynode/contracts/descriptors";
import type { Paths } from "@keynode/decider/record";
import { type DomainError, type FieldViolation, reject } from "@keynode/decider/domain-error";
import type { DescField } from "@bufbuild/protobuf";
import type { Shape } from "./read.ts";

/** What a caller may set of a resource, read off its message's field behaviours (AIP-203). */
export type Input<Message extends object> = {
  /** The message with everything a caller may not set taken out; that nothing required is missing was seen on the wire. */
  ofCreate(message: Message): Message;
  /**
   * The fields an update changes: those of the mask, or without one those that the patch fills (AIP-134).
   * Errors: INVALID_FIELD_MASK naming every path that does not exist or may not be changed; INVALID_REQUEST naming
   * every required field that the update would empty.
   */
  ofUpdate(patch: Message, mask: Paths | undefined): Paths | DomainError;
};

/** Reads a resource's field behaviours once; `prefix` leads to the resource in requests: `lead.`. */
export const inputOf = <Message extends object>(
  { typeName, fromPartial }: Shape<Message>,
  prefix: string,
): Input<Message> => {
  const message = registry().getMessage(typeName);
  if (message === undefined) throw new TypeError(`no message ${typeName}`);
  const fields = new Map(message.fields.map((field) => [field.name, field]));
  const creatable = message.fields.filter(
    (field) => !fieldBehavior(field).some((each) => assigned.has(each)) && field.name !== "etag",
  );
  const changeable = creatable.filter(
    (field) => !fieldBehavior(field).includes("IMMUTABLE") && !reassigned.has(field.name),
  );

  return {
    ofCreate: (given) => fromPartial(pick(given, creatable)),
    ofUpdate: (patch, mask) => {
      if (mask === undefined || mask.length === 0) {
        return changeable.filter((field) => filled(valueOf(patch, field), field)).map((field) => field.name);
      }
      const isWhole = mask.includes(everything);
      const violations = mask.flatMap((path) => {
        if (path === everything) return [];
        const [first = "", ...rest] = path.split(".");
        const field = fields.get(first);
        if (field === undefined || !exists(field, rest)) return [{ field: path, reason: "UNKNOWN_FIELD" }];
        return changeable.includes(field) ? [] : [{ field: path, reason: "FIELD_NOT_CHANGEABLE" }];
      });
      if (violations.length > 0) return reject("INVALID_FIELD_MASK", {}, violations);
      const named = isWhole ? changeable : changeable.filter((field) => mask.includes(field.name));
      const missing = named.flatMap((field) => emptied(field, valueOf(patch, field), prefix));
      if (missing.length > 0) return reject("INVALID_REQUEST", {}, missing);
      return isWhole ? named.map((field) => field.name) : mask;
    },
  };
};

/** The mask of an update that replaces the whole record (AIP-134). */
const everything = "*";

/** Whether an update with this mask can change a field: a mask that is empty, or `*`, names whatever the patch brings. */
export const mayChange = (mask: Paths, name: string): boolean =>
  mask.length === 0 || mask.includes(everything) || mask.includes(name);

/** A required field that an update would leave empty. */
const emptied = (field: DescField, value: unknown, prefix: string): FieldViolation[] =>
  fieldBehavior(field).includes("REQUIRED") && !filled(value, field)
    ? [{ field: `${prefix}${field.name}`, reason: "FIELD_REQUIRED" }]
    : [];

/** What the service assigns: derived values and the id (AIP-203); so is the etag, which a caller only sends back. */
const assigned: ReadonlySet<FieldBehavior> = new Set(["OUTPUT_ONLY", "IDENTIFIER"]);

/** Handing a record over is a command of its own. */
const reassigned: ReadonlySet<string> = new Set(["owner_id", "team_id"]);

const pick = <Message extends object>(given: Message, fields: readonly DescField[]): Partial<Message> =>
  Object.fromEntries(
    fields.map((field) => [field.localName, valueOf(given, field)]).filter(([, value]) => value !== undefined),
  ) as Partial<Message>;

const valueOf = (message: object, field: DescField): unknown =>
  (message as Readonly<Record<string, unknown>>)[field.localName];

/** Whether a value is there: neither absent nor its type's default, which proto3 does not tell from absent. */
const filled = (value: unknown, { fieldKind }: DescField): boolean => {
  if (Array.isArray(value)) return value.length > 0;
  if (fieldKind === "map") return Object.keys(value ?? {}).length > 0;
  if (typeof value === "string") return value !== "" && !value.endsWith("_UNSPECIFIED");
  return value !== undefined && value !== 0 && value !== 0n && value !== false;
};

const exists = (field: DescField, [name, ...rest]: readonly string[]): boolean => {
  if (name === undefined) return true;
  // What keys a map has is told by what is in it.
  if (field.fieldKind === "map") return rest.length === 0;
  if (field.fieldKind !== "message") return false;
  const inner = field.message.fields.find((candidate) => candidate.name === name);
  return inner !== undefined && exists(inner, rest);
};
