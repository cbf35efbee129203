import type { Resource } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import type { Typed } from "@keynode/decider/decider";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import type { Call, Handler } from "@keynode/grpc/call";
import { planList } from "@keynode/query/list-plan";
import type { Listing } from "@keynode/query/listing";
import { type Page, readPage } from "@keynode/query/read-page";
import type { Collection } from "mongodb";
import { shown } from "./command.ts";

/** Request of a standard Get. */
export type GetRequest = { id: string; readMask?: string[] | undefined };

/** Request of a standard List. */
export type ListRequest = {
  pageSize: number;
  pageToken: string;
  filter: string;
  orderBy: string;
  readMask?: string[] | undefined;
  showDeleted?: boolean;
};

/** Cuts a message down to the fields of a read mask (AIP-157); refuses paths that do not exist. */
export type ReadMask<Message> = (
  message: Message,
  paths: readonly string[] | undefined,
) => Message | DomainError;

/** Handler of a standard get: deleted records too, none that the caller may not see. */
export const get =
  <State extends Resource, Command extends Typed, Event extends Typed, Context>(
    store: Store<State, Command, Event, Context>,
  ): Handler<GetRequest, State> =>
  async ({ id }, { tenant, visibility }) => {
    const found = await store.get(tenant, id, visibility);
    return found === undefined ? reject("NOT_FOUND", { id }) : shown(found);
  };

/** Handler of a standard list: one page of the store's records, as the listing allows. */
export const list =
  <State extends Resource, Command extends Typed, Event extends Typed, Context, Rows extends string>(
    store: Store<State, Command, Event, Context>,
    listing: Listing,
    rows: Rows,
  ): Handler<ListRequest, { [Key in Rows]: State[] } & { nextPageToken: string }> =>
  async (request, call) => {
    const page = await pageOf(store.collection, listing, request, call);
    if (isDomainError(page)) return page;
    const { documents, nextPageToken } = page;
    return { [rows]: documents.map(shown), nextPageToken } as never;
  };

/** One page of any collection that a listing describes, a projection's table included. */
export const pageOf = async <Row extends { _id: string }>(
  collection: Collection<Row>,
  listing: Listing,
  request: ListRequest,
  { tenant, visibility, locale, signal }: Call,
): Promise<Page<Row> | DomainError> => {
  const plan = planList(listing, { ...request, tenant, visibility, locale });
  return isDomainError(plan) ? plan : ((await readPage(collection, plan, { signal })) as Page<Row> | DomainError);
};
