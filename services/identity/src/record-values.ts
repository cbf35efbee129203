import { type Alarm, alarmScope } from "@keynode/api/alarm";
import { maskRuleList } from "@keynode/auth/mask-rules";
import type { CustomField, CustomField_Conversion } from "@keynode/contracts/crm/identity/v1/custom_field";
import { keeperOf } from "@keynode/contracts/record-types";
import { type DomainError, isDomainError } from "@keynode/decider/domain-error";
import { holders } from "@keynode/fields/holders";
import type { Call } from "@keynode/grpc/call";
import { startTimers } from "@keynode/messaging/timers";
import { subjectOf } from "@keynode/runtime/access/subject";
import { unlessAway } from "@keynode/runtime/peers";
import type { ServiceTools } from "@keynode/runtime/service-definition";
import type { Contexts } from "./api/contexts.ts";
import type { CustomFieldStore } from "./custom-field.ts";

/** What the services that keep records say of the values that those have in custom fields. */
export type RecordValues = {
  /** A field with what the change that leaves it so would do. Errors: UPSTREAM_UNAVAILABLE. */
  withImpact(field: CustomField, call: Call): Promise<CustomField | DomainError>;
  /** A field with how far its values are that follow a change of its kind; without where nobody can be asked. */
  withProgress(field: CustomField, call: Pick<Call, "tenant">): Promise<CustomField>;
};

export const recordValues = ({ peers, log }: Pick<ServiceTools, "peers" | "log">): RecordValues => ({
  withImpact: async (field, { tenant, principal }) => {
    const service = serviceOf(field);
    const asking = peers.customValues(service).examine({
      tenant,
      customField: field,
      subject: subjectOf(principal),
      roleIds: [...principal.roles],
      maskRules: maskRuleList(principal.maskRules ?? {}),
    });
    const impact = await unlessAway(service, asking);
    return isDomainError(impact) ? impact : { ...field, impact };
  },
  withProgress: async (field, { tenant }) => {
    const { id, conversion } = field;
    if (conversion === undefined || conversion.state === "DONE") return field;
    try {
      const progress = await progressOf(peers, tenant, field);
      return progress === undefined ? field : { ...field, conversion: progress };
    } catch (error) {
      log.warn({ err: error, record: id }, "nobody could be asked how far a conversion is");
      return { ...field, conversion: { ...conversion, state: "STATE_UNSPECIFIED" } };
    }
  },
});

/** How soon it is asked again whether values have followed: at first often, of a long conversion less so. */
const leastPauseMs = 2_000;
const greatestPauseMs = 5 * 60_000;
const pausePart = 1 / 10;

/** Records the end of conversions, which the services that keep the records tell when they are asked. */
export const concludeConversions =
  (
    store: CustomFieldStore,
    { customField: context }: Contexts,
    { peers, now }: Pick<ServiceTools, "peers" | "now">,
  ): Alarm =>
  (service, host) =>
    startTimers({
      collection: store.collection,
      host,
      fire: async ({ _id, tenant, state: field }) => {
        const conversion = await progressOf(peers, tenant, field).catch(() => undefined);
        if (conversion?.state !== "DONE") {
          await store.collection.updateOne({ _id, tenant }, { $set: { wakeAt: nextLook(field, now()) } });
          return;
        }
        const scope = alarmScope(service, tenant, now());
        const outcome = await store.execute(_id, { type: "ConcludeConversion", conversion }, scope, context);
        if (isDomainError(outcome)) throw new Error(`the end of a conversion was refused: ${outcome.reason}`);
      },
    });

const nextLook = ({ conversion }: CustomField, now: Date): Date => {
  const lastsMs = now.getTime() - (conversion?.startTime ?? now).getTime();
  return new Date(now.getTime() + Math.min(Math.max(lastsMs * pausePart, leastPauseMs), greatestPauseMs));
};

/** How far the change is that the field itself has as its latest; undefined while its service has not heard of it. */
const progressOf = async (
  peers: ServiceTools["peers"],
  tenant: string,
  field: CustomField,
): Promise<CustomField_Conversion | undefined> => {
  const told = await peers.customValues(serviceOf(field)).conversion(tenant, field.id);
  return told?.startTime?.getTime() === field.conversion?.startTime?.getTime() ? told : undefined;
};

/** The service that keeps the records of a field's collection. */
const serviceOf = ({ collection }: CustomField): string => {
  const holder = holders().get(collection);
  return (holder && keeperOf(holder.message)) ?? "";
};
