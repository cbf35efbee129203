import { pageOf } from "@keynode/api/read";
import type { TimelineEntry } from "@keynode/contracts/crm/account/v1/timeline_entry";
import type { TimelineServiceService } from "@keynode/contracts/crm/account/v1/timeline_service";
import { isDomainError, reject } from "@keynode/decider/domain-error";
import type { Handlers } from "@keynode/grpc/implement";
import type { Kept } from "@keynode/messaging/table";
import type { readableBy } from "@keynode/runtime/access/readable-records";
import type { AccountStore } from "../account.ts";
import { sentences } from "../projections/sentences.ts";
import type { EntryRow, TimelineCopy } from "../projections/timeline.ts";
import { timelineListing } from "./list.ts";

type TimelineParts = {
  readonly accounts: AccountStore;
  readonly copy: TimelineCopy;
  readonly readable: ReturnType<typeof readableBy>;
  readonly now: () => Date;
};

/** A timeline is read while a service stands still: what that one keeps is left out. */
const patienceMs = 1_000;

/** One entry per rpc of TimelineService. */
export const timelineApi = ({
  accounts,
  copy,
  readable,
  now,
}: TimelineParts): Handlers<typeof TimelineServiceService> => ({
  listTimelineEntries: async ({ accountId, filter, ...paging }, call) => {
    const account = await accounts.get(call.tenant, accountId, call.visibility);
    if (account === undefined) return reject("NOT_FOUND", { id: accountId });
    const page = await pageOf(
      copy.tables().entries,
      timelineListing,
      { ...paging, filter, orderBy: "" },
      { ...call, visibility: { kind: "own", ownerId: accountId } },
    );
    if (isDomainError(page)) return page;
    const { ids, away } = await readable(
      call.principal,
      page.documents.map(({ recordId }) => recordId),
      new Date(Math.min(call.deadline.getTime(), now().getTime() + patienceMs)),
    );
    return {
      timelineEntries: page.documents.filter(({ recordId }) => ids.has(recordId)).map(shown),
      nextPageToken: page.nextPageToken,
      unreachable: [...away],
    };
  },
});

const shown = ({ _id, params, leadId: _leadId, ...entry }: Kept<EntryRow>): TimelineEntry => {
  const { key = "", en = "", zh = "" } = sentences[entry.eventType] ?? {};
  return {
    id: _id,
    accountId: entry.accountId,
    time: entry.time,
    context: entry.context,
    eventType: entry.eventType,
    recordKind: entry.recordKind,
    recordId: entry.recordId,
    actor: entry.actor,
    summary: { key, params, en: filled(en, params), zh: filled(zh, params) },
  };
};

const filled = (sentence: string, params: Readonly<Record<string, string>>): string =>
  sentence.replace(/\{(\w+)\}/g, (_placeholder, name: string) => params[name] ?? "");
