import type { Resource } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import type { Typed } from "@keynode/decider/decider";
import { registry } from "@keynode/contracts/descriptors";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import type { Locale } from "@keynode/decider/error-table";
import type { Call, Handler } from "@keynode/grpc/call";
import { withOwnership } from "@keynode/grpc/masking/record-ownership";
import { planList } from "@keynode/query/list-plan";
import type { ListRequest as ListRequested } from "@keynode/query/list-request";
import type { Listing } from "@keynode/query/listing";
import { applyReadMask, readMask } from "@keynode/query/read-mask";
import { type Page, type ReadOptions, readPage } from "@keynode/query/read-page";
import type { Collection, IndexDescription } from "mongodb";
import { shown } from "./command.ts";
import { concealment } from "./concealment.ts";
import { listingFor } from "./custom-listing.ts";

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

/** A resource's message, for masks and defaults. */
export type Shape<Message extends object> = {
  /** Full name: `crm.lead.v1.Lead`. */
  readonly typeName: string;
  /** The generated one. */
  readonly fromPartial: (partial: Partial<Message>) => Message;
};

/** Handler of a standard get: deleted records too, none that the caller may not see. */
export const get = <
  Message extends Resource,
  State extends Message,
  Command extends Typed,
  Event extends Typed,
  Context,
>(
  store: Store<State, Command, Event, Context>,
  shape: Shape<Message>,
): Handler<GetRequest, Message> => {
  const masked = masking(shape);
  return async ({ id, readMask: paths }, { tenant, visibility, locale }) => {
    const show = masked(paths, locale);
    if (isDomainError(show)) return show;
    const found = await store.get(tenant, id, visibility);
    return found === undefined ? reject("NOT_FOUND", { id }) : show(shown(found));
  };
};

/** Handler of a standard list: one page of the store's records, as the listing allows. */
export const list = <
  Message extends Resource,
  State extends Message,
  Command extends Typed,
  Event extends Typed,
  Context,
  Rows extends string,
>(
  store: Store<State, Command, Event, Context>,
  shape: Shape<Message>,
  listing: Listing,
  rows: Rows,
): Handler<ListRequest, { [Key in Rows]: Message[] } & { nextPageToken: string }> => {
  const masked = masking(shape);
  const concealed = concealment(shape, listing);
  const prepared = preparing(store.stored);
  return async (request, call) => {
    const show = masked(request.readMask, call.locale);
    if (isDomainError(show)) return show;
    const own = await listingFor(store, listing, request, call);
    if (own.needs !== undefined) await prepared(own.needs);
    const page = await pageOf(store.stored, own.listing, request, call, {
      omit: ["outbox"],
      concealed: new Set([...concealed(call), ...own.concealed]),
    });
    if (isDomainError(page)) return page;
    const { documents, nextPageToken } = page;
    documents.forEach(store.complete);
    return { [rows]: documents.map((document) => show(shown(document))), nextPageToken } as never;
  };
};

/** Makes an index that only some orders need the first time that one is asked for; others wait for it. */
const preparing = <Row extends object>(
  collection: Collection<Row>,
): ((needed: IndexDescription) => Promise<unknown>) => {
  const made = new Map<string, Promise<unknown>>();
  return (needed) => {
    const name = needed.name ?? "";
    const making = made.get(name) ?? collection.createIndexes([needed]);
    made.set(name, making);
    making.catch(() => made.delete(name));
    return making;
  };
};

/** Shows of a message what a read mask names. */
export const masking = <Message extends object>({ typeName, fromPartial }: Shape<Message>) => {
  const descriptor = registry().getMessage(typeName);
  if (descriptor === undefined) throw new TypeError(`no message ${typeName}`);
  return (paths: readonly string[] | undefined, locale: Locale): ((message: Message) => Message) | DomainError => {
    const mask = readMask(descriptor, paths, locale);
    if (isDomainError(mask)) return mask;
    return mask === "whole"
      ? (message) => message
      : (message) => withOwnership(fromPartial(applyReadMask(message, mask)), message);
  };
};

/** One page of any collection that a listing describes, a projection's table included. */
export const pageOf = async <Row extends { _id: string }>(
  collection: Collection<Row>,
  listing: Listing,
  request: ListRequest,
  call: Call,
  { concealed, ...options }: Pick<ReadOptions, "omit"> & Pick<ListRequested, "concealed"> = {},
): Promise<Page<Row> | DomainError> => {
  const { tenant, visibility, locale } = call;
  const plan = planList(listing, { ...request, tenant, visibility, concealed, locale });
  if (isDomainError(plan)) return plan;
  // What an index alone answers is through before its caller could hang up: watching for that costs more than it saves.
  const isLong = plan.scans.some(({ maxTimeMs }) => maxTimeMs !== undefined);
  return await readPage(collection, plan, isLong ? { ...options, signal: call.signal } : options);
};
