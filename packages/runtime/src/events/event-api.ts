import type { EventServiceService } from "@keynode/contracts/crm/chassis/v1/event_service";
import { reject } from "@keynode/decider/domain-error";
import type { FieldSource } from "@keynode/fields/field-set";
import type { Handlers } from "@keynode/grpc/implement";
import type { OnSensitiveRead, SensitiveRead } from "@keynode/grpc/masking/sensitive-read";
import type { Journal } from "@keynode/messaging/journal";
import { cursorOf, placeOf } from "./cursor.ts";
import { tailJournal } from "./tail.ts";
import { eventViews, type Shown } from "./view.ts";

export type EventApiOptions = {
  readonly journal: Journal;
  readonly now: () => Date;
  readonly onSensitiveRead: OnSensitiveRead;
  /** The fields that tenants have given this service's records; undefined where they take none. */
  readonly fields: FieldSource | undefined;
};

/** Tells a service's events to those who may see them, from its journal. */
export const eventApi = (
  context: string,
  { journal, now, onSensitiveRead, fields }: EventApiOptions,
): Handlers<typeof EventServiceService> => {
  const views = eventViews(context, journal, fields);
  return {
    streamEvents: async function* ({ after, startTime, contexts, types, collections, recordId }, call) {
      const resumed = after === "" ? undefined : placeOf(after);
      if (after !== "" && resumed === undefined) {
        yield reject("INVALID_REQUEST", {}, [{ field: "after", reason: "INVALID_CURSOR" }]);
        return;
      }
      const isHere = (wanted: readonly string[], name: string): boolean =>
        wanted.length === 0 || wanted.some((one) => one.startsWith(name));
      // Nothing that is wanted can ever come of this service.
      if (!isHere(types, `crm.${context}.`) || (contexts.length > 0 && !contexts.includes(context))) return;

      const view = views(call, { types, collections, recordId });
      const from = resumed ?? startTime ?? now();
      for await (const { told, place } of tailJournal(journal, {
        tenant: call.tenant,
        from,
        now,
        signal: call.signal,
      })) {
        const shown: (Shown & { readonly cursor: string })[] = [];
        for (const { row, place: at } of told) {
          const seen = await view(row);
          if (seen) shown.push({ ...seen, cursor: cursorOf(at) });
        }
        const reads = joined(shown.flatMap((one) => one.reads));
        if (reads.length > 0) await onSensitiveRead(call, reads);
        for (const { event, cursor } of shown) yield { cursor, event };
        const reached = cursorOf(place);
        if (shown.at(-1)?.cursor !== reached) yield { cursor: reached, event: undefined };
      }
    },
  };
};

/** One entry for each collection and set of fields: what was told together is one entry of the audit trail. */
const joined = (reads: readonly SensitiveRead[]): SensitiveRead[] => {
  const groups = Map.groupBy(reads, ({ collection, fields }) => [collection, ...fields].join());
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const recordIds = [...new Set(group.flatMap((read) => read.recordIds))];
    return [{ ...first, recordIds, count: recordIds.length }];
  });
};
