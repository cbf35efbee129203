import { digestOf } from "@keynode/aggregate/type-id";
import { boundedCache } from "@keynode/auth/bounded-cache";
import { isServiceActor } from "@keynode/auth/principal";
import type { Call } from "@keynode/grpc/call";
import type { DeniedCall } from "@keynode/grpc/host";
import type { OnSensitiveRead, SensitiveRead } from "@keynode/grpc/masking/sensitive-read";
import type { AccessLog } from "./access-log.ts";

/** Puts it on record when somebody asks for what they have no right to; services that may not are a fault, and in the log. */
export const denialRecorder =
  (accesses: Pick<AccessLog, "deny">) =>
  ({ principal: { tenant, actor }, method, origin, refusal }: DeniedCall): void => {
    if (isServiceActor(actor)) return;
    const action = method.slice(method.indexOf("/") + 1);
    accesses.deny({ tenant, kind: "DENIAL", action, actor, origin, refusal: refusal.reason });
  };

/** Who is shown the same again within this time was shown it once. */
const repeatMs = 60_000;
const rememberedReads = 10_000;

/** Puts it on record when somebody is shown sensitive values in the clear, before they are. */
export const readRecorder = (accesses: Pick<AccessLog, "record">): OnSensitiveRead => {
  /** When they were last recorded. */
  const recorded = boundedCache<number>(rememberedReads);
  return async (call, reads) => {
    const now = performance.now();
    const news = reads
      .map((read) => ({ read, key: keyOf(call, read) }))
      .filter(({ key }) => now - (recorded.get(key) ?? Number.NEGATIVE_INFINITY) >= repeatMs);
    if (news.length === 0) return;
    await accesses.record(
      call,
      news.map(({ read: { collection, recordIds, fields, count: recordCount } }) => ({
        kind: "READ",
        collection,
        recordIds,
        recordCount,
        fields,
      })),
    );
    for (const { key } of news) recorded.set(key, now);
  };
};

const keyOf = (
  { tenant, actor, method, origin: { sessionId = "", network = "" } }: Call,
  { collection, recordIds, fields }: SensitiveRead,
): string => digestOf(tenant, actor, sessionId, network, method, collection, fields.join(), ...recordIds);
