import type { Resource } from "@keynode/aggregate/aggregate";
import type { CommandScope } from "@keynode/aggregate/command-scope";
import type { Committed, ContextFor, Store } from "@keynode/aggregate/store";
import type { Status } from "@keynode/contracts/google/rpc/status";
import type { Typed } from "@keynode/decider/decider";
import { type DomainError, isDomainError } from "@keynode/decider/domain-error";
import type { ErrorTable } from "@keynode/decider/error-table";
import type { Call, Handler } from "@keynode/grpc/call";
import { dryRunnable } from "@keynode/grpc/dry-run";
import { chassisErrors } from "@keynode/grpc/chassis-errors";
import type { Listing } from "@keynode/query/listing";
import { runBatch } from "./batch.ts";
import { command, commandScope, type RecordRequest, refusing, shown } from "./command.ts";
import { withChangedValues, withValues } from "./custom-fields.ts";
import { inputOf } from "./input.ts";
import { type Belonging, ownedBy } from "./owner.ts";
import { get, type GetRequest, list, type ListRequest, type Shape } from "./read.ts";
import { refuseRetired } from "./retired-values.ts";

/** How one resource's standard methods (AIP-131 to 135, 164, 233) are made. */
export type StandardResource<Message extends Resource, Context, Command = never> = Shape<Message> & {
  /** Singular, as in the rpc names: `Lead`. */
  readonly name: string;
  /** Field of the resource in requests and batch results: `lead`. */
  readonly field: string;
  /** Field of the rows in a list: `leads`. */
  readonly rows: string;
  readonly listing: Listing;
  readonly errors: ErrorTable;
  readonly context: ContextFor<Message, Context, Command>;
  /** Brings what a caller wrote into the form that is kept; refuses what has none. */
  readonly normalise?: (message: Message, call: Call) => Message | DomainError | Promise<Message | DomainError>;
  /**
   * For resources whose records are a parent's (`ownership: PARENT`): whose the parent is that a new record names;
   * undefined where there is none, which the decider refuses. One that the caller does not see is refused here.
   */
  readonly parentOf?: (message: Message, call: Call) => Promise<Belonging | DomainError | undefined>;
  /** Says more of a refusal than the store could. */
  readonly explain?: (refusal: DomainError, message: Message, call: Call) => DomainError | Promise<DomainError>;
};

/** The standard methods of a resource, under the names that its service definition has. */
export type StandardRpcs<Name extends string, Field extends string, Rows extends string, Message> = {
  readonly [Rpc in `create${Name}`]: Handler<{ [Key in Field]?: Message | undefined }, Message>;
} & {
  readonly [Rpc in `batchCreate${Capitalize<Rows>}`]: Handler<
    { requests: { [Key in Field]?: Message | undefined }[] },
    { results: ({ [Key in Field]?: Message | undefined } & { status?: Status | undefined })[] }
  >;
} & { readonly [Rpc in `get${Name}`]: Handler<GetRequest, Message> } & {
  readonly [Rpc in `list${Capitalize<Rows>}`]: Handler<
    ListRequest,
    { [Key in Rows]: Message[] } & { nextPageToken: string }
  >;
} & {
  readonly [Rpc in `update${Name}`]: Handler<
    { [Key in Field]?: Message | undefined } & { updateMask?: string[] | undefined },
    Message
  >;
} & { readonly [Rpc in `delete${Name}` | `undelete${Name}`]: Handler<RecordRequest, Message> } & {
  readonly [Rpc in `reassign${Name}`]: Handler<RecordRequest & { ownerId: string; teamId: string }, Message>;
};

/**
 * Handlers of the standard methods, out of the store's commands `Create<Name>`, `Update<Name>`, `Delete<Name>`,
 * `Undelete<Name>` and `Reassign<Name>`. A service spreads them and adds its verbs.
 */
export const standardRpcs = <
  const Name extends string,
  const Field extends string,
  const Rows extends string,
  Message extends Resource,
  State extends Message,
  Command extends Typed,
  Event extends Typed,
  Context,
>(
  store: Store<State, Command, Event, Context>,
  resource: StandardResource<Message, Context, Command> & { name: Name; field: Field; rows: Rows },
): StandardRpcs<Name, Field, Rows, Message> => {
  const { name, field, rows, fromPartial, listing } = resource;
  const errors = { ...chassisErrors, ...resource.errors };
  const context = resource.context as ContextFor<State, Context, Command>;
  const input = inputOf<Message>(resource, `${field}.`);
  const normalise = resource.normalise ?? ((message: Message) => message);

  type Carrier = { readonly [Key in Field]?: Message | undefined };
  const carried = (request: object): Message => (request as Carrier)[field] ?? fromPartial({});

  const answer = async (outcome: Committed<State> | DomainError, message: Message, call: Call) => {
    if (!isDomainError(outcome)) return shown(outcome);
    return (await resource.explain?.(outcome, message, call)) ?? outcome;
  };

  const createOne = async (request: object, call: Call, scope: CommandScope) => {
    const given = input.ofCreate(carried(request));
    const parent = await resource.parentOf?.(given, call);
    const normalised = await normalise(ownedBy(call, given, isDomainError(parent) ? undefined : parent), call);
    if (isDomainError(normalised)) return normalised;
    const message = await withValues(store, normalised, call, `${field}.`);
    if (isDomainError(message)) return message;
    const made = { type: `Create${name}`, [field]: message } as never;
    // A parent that is out of reach is told of where one that is not there is, and not sooner.
    const bound = refusing(scope, isDomainError(parent) ? parent : undefined);
    return await answer(await store.create(made, bound, context), message, call);
  };

  const create: Handler<object, Message> = async (request, call) => {
    const scope = commandScope(call);
    return isDomainError(scope) ? scope : await createOne(request, call, scope);
  };

  const batchCreate: Handler<{ requests: object[] }, { results: object[] }> = async ({ requests }, call) => {
    const outcomes = await runBatch(requests, call, errors, (item, scope) => createOne(item, call, scope));
    if (isDomainError(outcomes)) return outcomes;
    return { results: outcomes.map(({ record, status }) => ({ [field]: record, status })) };
  };

  const update: Handler<{ updateMask?: string[] | undefined }, Message> = async (request, call) => {
    const given = await normalise(carried(request), call);
    if (isDomainError(given)) return given;
    const named = input.ofUpdate(given, request.updateMask);
    if (isDomainError(named)) return named;
    const isMasked = (request.updateMask ?? []).length > 0;
    const change = await withChangedValues(store, { patch: given, paths: named }, isMasked, call, `${field}.`);
    if (isDomainError(change)) return change;
    const { patch, paths } = change;
    const retired = await refuseRetired(store, field, { id: patch.id, paths }, call);
    if (retired !== undefined) return retired;
    const scope = commandScope(call, patch.etag);
    if (isDomainError(scope)) return scope;
    const made = { type: `Update${name}`, [field]: patch, updateMask: [...paths] } as never;
    return await answer(await store.execute(patch.id, made, scope, context), patch, call);
  };

  const verb = (type: string): Handler<RecordRequest, Message> => command(store, type as never, context) as never;

  return {
    [`create${name}`]: dryRunnable(create),
    [`batchCreate${capitalised(rows)}`]: batchCreate,
    [`get${name}`]: get(store, resource),
    [`list${capitalised(rows)}`]: list(store, resource, listing, rows),
    [`update${name}`]: dryRunnable(update),
    [`delete${name}`]: verb(`Delete${name}`),
    [`undelete${name}`]: verb(`Undelete${name}`),
    [`reassign${name}`]: verb(`Reassign${name}`),
  } as StandardRpcs<Name, Field, Rows, Message>;
};

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
