import type { Resource } from "@keynode/aggregate/aggregate";
import type { Authority, CommandScope } from "@keynode/aggregate/command-scope";
import type { Committed, ContextFor, Store } from "@keynode/aggregate/store";
import type { Typed } from "@keynode/decider/decider";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import type { Call, Handler } from "@keynode/grpc/call";
import { dryRunnable } from "@keynode/grpc/dry-run";

/** What a request that names one record looks like. */
export type RecordRequest = { id: string; etag?: string | undefined };

/** The request message of one command: the command without its tag. */
type RequestOf<Command extends Typed, Type extends Command["type"]> = Omit<Extract<Command, { type: Type }>, "type">;

/**
 * On whose behalf a call acts. The etag comes from If-Match or the request's own field.
 * Errors: INVALID_REQUEST naming `etag` when it is not one of ours.
 */
export const commandScope = (call: Call, etag?: string): CommandScope | DomainError => {
  const expectedVersion = versionOf(call.ifMatch ?? (etag === "" ? undefined : etag));
  if (Number.isNaN(expectedVersion)) {
    return reject("INVALID_REQUEST", {}, [{ field: "etag", reason: "ETAG_MALFORMED" }]);
  }
  return {
    tenant: call.tenant,
    actor: call.actor,
    visibility: call.visibility,
    authority: { grants: call.principal.grants, teams: teamsWithin(call) },
    deadline: call.deadline,
    wrote: call.wrote,
    expectedVersion,
    refuseNamed: call.named?.refusal,
    idempotency:
      call.idempotencyKey === undefined
        ? undefined
        : { caller: call.actor, method: call.method, key: call.idempotencyKey, requestHash: call.requestHash },
  };
};

const teamsWithin = ({ visibility, principal }: Call): Authority["teams"] => {
  switch (visibility.kind) {
    case "all":
      return "all";
    case "team":
      return visibility.teamIds;
    case "own":
      return principal.teams;
  }
};

/** The same, refused besides where everything that it names was found. */
export const refusing = (scope: CommandScope, refusal: DomainError | undefined): CommandScope =>
  refusal === undefined
    ? scope
    : { ...scope, refuseNamed: async (before) => (await scope.refuseNamed?.(before)) ?? refusal };

/** Shows a record to its caller: the state and its version as etag. */
export const shown = <State extends Resource>({ state, version }: Committed<State>): State => ({
  ...state,
  etag: String(version),
});

/** Handler of a verb on one record: the request is the command's payload, the reply the record after it. */
export const command = <
  State extends Resource,
  Command extends Typed,
  Event extends Typed,
  Context,
  Type extends Command["type"],
  Request extends RequestOf<Command, Type> & RecordRequest,
>(
  store: Store<State, Command, Event, Context>,
  type: Type,
  context: ContextFor<State, Context, Command>,
): Handler<Request, State> =>
  dryRunnable(async (request, call) => {
    const scope = commandScope(call, request.etag);
    if (isDomainError(scope)) return scope;
    const outcome = await store.execute(request.id, { ...request, type } as never, scope, context);
    return isDomainError(outcome) ? outcome : shown(outcome);
  });

/** Handler of a standard create: the reply is the new record. */
export const create = <
  State extends Resource,
  Command extends Typed,
  Event extends Typed,
  Context,
  Type extends Command["type"],
  Request extends RequestOf<Command, Type>,
>(
  store: Store<State, Command, Event, Context>,
  type: Type,
  context: ContextFor<State, Context, Command>,
): Handler<Request, State> =>
  dryRunnable(async (request, call) => {
    const scope = commandScope(call);
    if (isDomainError(scope)) return scope;
    const outcome = await store.create({ ...request, type } as never, scope, context);
    return isDomainError(outcome) ? outcome : shown(outcome);
  });

const versionOf = (etag: string | undefined): number | undefined => {
  if (etag === undefined || etag === "*") return undefined;
  const digits = /^"?([1-9]\d{0,14})"?$/.exec(etag)?.[1];
  return digits === undefined ? Number.NaN : Number(digits);
};
