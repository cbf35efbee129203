import type { MaskRules } from "@keynode/auth/mask-rules";
import { isServiceActor } from "@keynode/auth/principal";
import type { Call } from "../call.ts";
import { type MessagePlan, survey } from "./message-plan.ts";
import { ownershipOf, type RecordOwnership } from "./record-ownership.ts";
import { type Reads, type SensitiveRead, sensitiveReads } from "./sensitive-read.ts";
import { type Sight, sightOf } from "./sight.ts";

/** An answer as its caller may see it, and what sensitive values are in it in the clear. */
export type Disclosure = { readonly message: object; readonly reads: readonly SensitiveRead[] };

/** Shows a message to its caller; `told` asks for the reads besides. What is masked is a copy, the message stays as it is. */
export type AnswerMask = (message: object, call: Call, told: boolean) => Disclosure;

/** The record that a part of an answer belongs to. */
type Around = { readonly collection: string; readonly id: string; readonly open: boolean };

const NO_READS: readonly SensitiveRead[] = [];
/** What belongs to no record is within the reach of `all` only. */
const NOBODYS: RecordOwnership = { id: "", ownerId: "", teamId: "" };

/**
 * The masking of one kind of answer. Values that belong to no record stand under `outside`, and are shown only to
 * callers who may see every record of it.
 */
export const answerMask = (plan: MessagePlan, outside: string): AnswerMask => {
  const { collections, secrets } = survey(plan, outside);
  return (message, call, told) => {
    const sight = sightOf(call, collections);
    // What services read for one another is their work, and no person's.
    const reads = told && !isServiceActor(call.actor) ? sensitiveReads(call.actor) : undefined;
    if (reads === undefined && sight.isWhole && !secrets) return { message, reads: NO_READS };
    const around = { collection: outside, id: "", open: sight.reaches(outside, NOBODYS) };
    const shown = disclose(message, plan, around, { sight, reads, rules: call.principal.maskRules }, "");
    return { message: shown, reads: reads?.summary() ?? NO_READS };
  };
};

type Viewer = { readonly sight: Sight; readonly reads: Reads | undefined; readonly rules: MaskRules | undefined };

const disclose = (message: object, plan: MessagePlan, around: Around, viewer: Viewer, path: string): object => {
  const record = plan.collection === undefined ? around : recordOf(plan.collection, message, viewer.sight);
  const below = plan.collection === undefined ? path : "";
  const given = message as Readonly<Record<string, unknown>>;
  let changed: Record<string, unknown> | undefined;
  const change = (property: string, value: unknown): void => {
    changed ??= { ...given };
    changed[property] = value;
  };

  for (const { property, name, masked, isSecret } of plan.sensitive) {
    const value = given[property];
    if (isEmpty(value)) continue;
    if (record.open && !isSecret) viewer.reads?.add(record.collection, record.id, below + name);
    else change(property, masked(value, viewer.rules));
  }
  for (const { property, name, shape, plan: inner } of plan.inner) {
    const value = given[property];
    if (isEmpty(value)) continue;
    const show = (part: object): object => disclose(part, inner, record, viewer, `${below}${name}.`);
    const shown = shape === "message" ? show(value as object) : shownParts(value as Parts, show);
    if (shown !== value) change(property, shown);
  }
  return changed ?? message;
};

const recordOf = (collection: string, message: object, sight: Sight): Around => {
  const ownership = ownershipOf(message);
  return { collection, id: ownership.id, open: sight.reaches(collection, ownership) };
};

type Parts = readonly object[] | Readonly<Record<string, object>>;

/** The same list or map unless a part of it changed. */
const shownParts = (parts: Parts, show: (part: object) => object): Parts => {
  let changed = false;
  const each = (part: object): object => {
    const shown = show(part);
    if (shown !== part) changed = true;
    return shown;
  };
  const shown = Array.isArray(parts)
    ? parts.map(each)
    : Object.fromEntries(Object.entries(parts).map(([key, part]) => [key, each(part)]));
  return changed ? shown : parts;
};

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === "" ||
  (Array.isArray(value) && value.length === 0) ||
  (value instanceof Uint8Array && value.length === 0);
