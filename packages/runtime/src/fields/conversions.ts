import { convertCustomValue } from "@keynode/aggregate/conversion";
import { isDuplicate } from "@keynode/aggregate/fault";
import type { Alarm } from "@keynode/api/alarm";
import { outages, reactionScope } from "@keynode/api/reaction";
import { CustomField_Conversion, type CustomField_Kind } from "@keynode/contracts/crm/identity/v1/custom_field";
import { CustomFieldKindChanged } from "@keynode/contracts/crm/identity/v1/custom_field_events";
import { isDomainError } from "@keynode/decider/domain-error";
import { converted } from "@keynode/fields/converted";
import type { Field } from "@keynode/fields/field";
import type { FieldSource } from "@keynode/fields/field-set";
import { isKeptKind, kindOf, properties } from "@keynode/fields/kinds";
import { startTimers } from "@keynode/messaging/timers";
import type { KeptResource } from "../resources.ts";
import type { Reactor, ServiceTools } from "../service-definition.ts";
import { valuesOf } from "./value-scan.ts";

/**
 * The work that a service has with a field that changed its kind: every value that the new kind can hold becomes one of it.
 * How far it is lies in the records alone, in the kinds of their values; this counts, and says when to go on.
 */
export type Conversion = {
  /** The field's id: a later change of its kind takes the place of an earlier one. */
  _id: string;
  tenant: string;
  /** The event that told of it. */
  eventId: string;
  /** The field's version with that change. */
  fieldVersion: number;
  collection: string;
  key: string;
  fromKind: CustomField_Kind;
  toKind: CustomField_Kind;
  changedAt: Date;
  /** Rises with each write: of two replicas that hold the same, one goes on. */
  step: number;
  /** The records in hand, which are not counted yet. */
  batch: string[];
  convertedCount: number;
  keptCount: number;
  /** Looks taken in vain at whether the service's copy of the field has the new kind. */
  waits: number;
  /** When every value had been looked at for the first time. */
  finishedAt?: Date;
  /** Whether the look for latecomers has been taken. */
  closed: boolean;
  wakeAt?: Date;
};

/** A turn that was not ended is taken up by another replica after so long. */
const leaseMs = 15_000;
/** How long one turn lasts, so that a service that stops need not wait long. */
const turnMs = 5_000;
/** How late a turn may begin. */
const pollMs = 500;
/** Records converted at the same time. */
const parallel = 8;
/** When to look for values of the former kind that a replica which had not heard of the change took meanwhile. */
const latecomersMs = 60_000;
/** Looks at a copy that lags behind, or does not have the field because it was deleted; its restoration begins anew. */
const maxWaits = 20;
const waitMs = 500;
const maxWaitMs = 60_000;

export type ConversionParts = {
  readonly resources: ReadonlyMap<string, KeptResource>;
  readonly source: FieldSource;
};

/** What a service does about fields that change their kind. */
export type Conversions = {
  readonly reactor: Reactor;
  readonly alarm: Alarm;
  /** How far it is with a field; undefined when the service has not heard of a change. */
  progress(tenant: string, fieldId: string): Promise<CustomField_Conversion | undefined>;
};

export const openConversions = (
  { name, db, now, log }: Pick<ServiceTools, "name" | "db" | "now" | "log">,
  { resources, source }: ConversionParts,
): Conversions => {
  const conversions = db.collection<Conversion>("conversions");

  /** Writes one step; undefined where somebody else went on, or the field has changed once more. */
  const advance = async (before: Conversion, change: Partial<Conversion>): Promise<Conversion | undefined> => {
    const { _id, tenant, fieldVersion, step } = before;
    const wakeAt = new Date(now().getTime() + leaseMs);
    const $set = { wakeAt, ...change, step: step + 1 };
    const { matchedCount } = await conversions.updateOne({ _id, tenant, fieldVersion, step }, { $set });
    return matchedCount === 1 ? { ...before, ...$set } : undefined;
  };

  const rest = async ({ _id, tenant, fieldVersion, step }: Conversion): Promise<void> => {
    await conversions.updateOne({ _id, tenant, fieldVersion, step }, { $unset: { wakeAt: "" } });
  };

  const wait = async (conversion: Conversion): Promise<void> => {
    const { waits } = conversion;
    if (waits >= maxWaits) return await rest(conversion);
    const pauseMs = Math.min(waitMs * 2 ** waits, maxWaitMs);
    await advance(conversion, { waits: waits + 1, wakeAt: new Date(now().getTime() + pauseMs) });
  };

  /** Converts records' values, and answers how many have one of the new kind now. */
  const convertAll = async (conversion: Conversion, field: Field, ids: readonly string[]): Promise<number> => {
    const { eventId, tenant, collection, key, toKind } = conversion;
    const store = resources.get(collection)?.store;
    if (store === undefined) return 0;
    let count = 0;
    const convert = async (id: string): Promise<void> => {
      const scope = { ...reactionScope(name, { id: eventId, tenant }, now()), includesDeleted: true };
      const outcome = await store.execute(id, convertCustomValue(field), scope, (attempt) => attempt);
      if (isDomainError(outcome)) {
        if (outages.has(outcome.reason)) throw new Error(`a value cannot be converted yet: ${outcome.reason}`);
        log.warn({ reason: outcome.reason, record: id }, "a value was not converted");
        return;
      }
      const { customFields = {} } = outcome.state as { customFields?: Readonly<Record<string, never>> };
      if (Object.hasOwn(customFields, key) && kindOf(customFields[key] as never) === toKind) count += 1;
    };
    for (let start = 0; start < ids.length; start += parallel) {
      await Promise.all(ids.slice(start, start + parallel).map(convert));
    }
    return count;
  };

  /** Counts the batch in hand, which a turn before may have left, and takes the next one. */
  const take = async (conversion: Conversion, field: Field, batch: string[]): Promise<Conversion | undefined> => {
    const count = await convertAll(conversion, field, conversion.batch);
    return await advance(conversion, { batch, convertedCount: conversion.convertedCount + count });
  };

  const turn = async (due: Conversion): Promise<void> => {
    const { tenant, collection, key, toKind } = due;
    const store = resources.get(collection)?.store;
    const field = (await source.knowing(tenant, collection, [key])).fields.get(key);
    if (store === undefined || field?.kind !== toKind || !isKeptKind(toKind)) return await wait(due);

    const endMs = now().getTime() + turnMs;
    let [held, keptCount]: [Conversion | undefined, number] = [await take(due, field, []), 0];
    if (held === undefined) return;
    const former = { [`state.customFields.${key}.${properties[toKind]}`]: null };
    for await (const page of valuesOf(store, tenant, key, former)) {
      const batch = page.flatMap(({ id, value }) => (converted(field, value) === undefined ? [] : [id]));
      keptCount += page.length - batch.length;
      held = await take(held, field, batch);
      if (held === undefined) return;
      if (batch.length === 0 || now().getTime() < endMs) continue;
      await advance(held, { wakeAt: now() });
      return;
    }
    held = await take(held, field, []);
    if (held === undefined) return;
    const { finishedAt = now() } = held;
    const wakeAt = new Date(now().getTime() + latecomersMs);
    const ended = await advance(held, { keptCount, finishedAt, closed: due.finishedAt !== undefined, wakeAt });
    if (ended?.closed) await rest(ended);
  };

  return {
    reactor: {
      name: "custom-value-conversion",
      from: { identity: ["CustomFieldKindChanged", "CustomFieldRestored"] },
      handle: async (event) => {
        const { id: eventId, tenant, recordId: _id, version: fieldVersion } = event;
        if (event.type === "CustomFieldRestored") {
          const resting = { _id, tenant, closed: false, wakeAt: { $exists: false } };
          await conversions.updateOne(resting, { $set: { waits: 0, wakeAt: now() } });
          return;
        }
        const { fromKind, toKind, changeTime = event.at, snapshot } = CustomFieldKindChanged.decode(event.data);
        const { collection = "", key = "" } = snapshot ?? {};
        if (!resources.has(collection)) return;
        const begun: Omit<Conversion, "_id" | "tenant"> = {
          eventId,
          fieldVersion,
          collection,
          key,
          fromKind,
          toKind,
          changedAt: changeTime,
          wakeAt: now(),
          step: 0,
          batch: [],
          convertedCount: 0,
          keptCount: 0,
          waits: 0,
          closed: false,
        };
        try {
          const earlier = { _id, tenant, fieldVersion: { $lt: fieldVersion } };
          await conversions.updateOne(earlier, { $set: begun, $unset: { finishedAt: "" } }, { upsert: true });
        } catch (error) {
          // This change, or a later one, is here already: it was not found to be earlier, and could not be inserted beside it.
          if (!isDuplicate(error)) throw error;
        }
      },
    },
    alarm: (_service, host) =>
      startTimers({
        collection: conversions,
        host,
        leaseMs,
        pollMs,
        concurrency: 2,
        fire: turn,
      }),
    progress: async (tenant, _id) => {
      const found = await conversions.findOne({ _id, tenant });
      if (found === null) return undefined;
      const { fromKind, changedAt: startTime, step, convertedCount, keptCount, finishedAt: finishTime } = found;
      const state = finishTime === undefined ? (step === 0 ? "WAITING" : "RUNNING") : "DONE";
      return CustomField_Conversion.fromPartial({ fromKind, startTime, state, convertedCount, keptCount, finishTime });
    },
  };
};
