import { pageOf } from "@keynode/api/read";
import {
  type DeadLetter,
  DeadLetter_State,
  type DeadLetterServiceService,
} from "@keynode/contracts/crm/chassis/v1/dead_letter_service";
import { isDomainError, reject } from "@keynode/decider/domain-error";
import type { Handlers } from "@keynode/grpc/implement";
import type { DeadLetter as StoredLetter, DeadLetters } from "@keynode/messaging/dead-letter";
import { defineListing, listIndexes } from "@keynode/query/listing";
import { parseTraceparent } from "@keynode/telemetry/traceparent";

const listing = defineListing({
  fields: {
    consumer: { path: "subscription", type: "string" },
    eventType: { path: "event.type", type: "string" },
    recordId: { path: "event.recordId", type: "string" },
    createTime: { path: "firstAt", type: "time" },
  },
  indexes: [["-createTime"], ["consumer", "-createTime"], ["eventType", "-createTime"], ["recordId", "-createTime"]],
  defaultOrder: "-createTime",
  // A letter is nobody's record: operators see every one of their tenant.
  unowned: true,
});

/** The indexes that listing dead letters needs. */
export const deadLetterIndexes = listIndexes(listing);

/** Shows a service's dead letters to their tenant, and has them tried again. */
export const deadLetterApi = (
  service: string,
  deadLetters: DeadLetters,
): Handlers<typeof DeadLetterServiceService> => ({
  listDeadLetters: async (request, call) => {
    const page = await pageOf(deadLetters.letters, listing, request, call);
    if (isDomainError(page)) return page;
    const { documents, nextPageToken } = page;
    return { deadLetters: documents.map((letter) => shown(service, letter)), nextPageToken };
  },
  replayDeadLetter: async ({ id }, { tenant }) => {
    const before = await deadLetters.letters.findOne({ _id: id, tenant });
    if (before === null) return reject("NOT_FOUND", { id });
    const outcome = await deadLetters.replay(id);
    if (outcome === "unhandled") return reject("LETTER_NOT_REPLAYABLE", { id });
    if (outcome === "failed") {
      const after = await deadLetters.letters.findOne({ _id: id, tenant });
      return shown(service, after ?? before);
    }
    return { ...shown(service, before), state: DeadLetter_State.REPLAYED, replayTime: new Date() };
  },
});

const shown = (service: string, letter: StoredLetter): DeadLetter => ({
  id: letter._id,
  service,
  consumer: letter.subscription,
  state: DeadLetter_State.WAITING,
  eventId: letter.event?.id ?? "",
  eventType: letter.event === undefined ? "" : `crm.${letter.event.context}.v1.${letter.event.type}`,
  recordId: letter.event?.recordId ?? "",
  version: letter.event?.version ?? 0,
  attempts: letter.attempts,
  error: letter.error,
  traceId: parseTraceparent(letter.event?.traceparent ?? "")?.traceId ?? "",
  createTime: letter.firstAt,
  attemptTime: letter.lastAt,
  replayTime: letter.replayedAt,
});
