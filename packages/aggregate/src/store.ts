import { maySee, type Visibility } from "@keynode/auth/visibility";
import { isServiceActor } from "@keynode/auth/principal";
import type { Typed } from "@keynode/decider/decider";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import { fold } from "@keynode/decider/decider";
import type { FieldSource } from "@keynode/fields/field-set";
import { holders } from "@keynode/fields/holders";
import { settled } from "@keynode/fields/settled";
import { resourceCompleter } from "@keynode/contracts/defaults";
import { completed } from "@keynode/messaging/completed";
import type { AggregateDocument, JournalRow, OutboxEntry } from "@keynode/messaging/entry";
import { isConnectionLoss } from "@keynode/messaging/fault";
import type { Journal } from "@keynode/messaging/journal";
import { relayDueAt } from "@keynode/messaging/outbox";
import type { MessageCodec } from "@keynode/messaging/recorded";
import { isDryRun } from "@keynode/telemetry/dry-run";
import { currentOrigin } from "@keynode/telemetry/origin";
import { currentTraceparent } from "@keynode/telemetry/span";
import { BSON, type Collection, type Db } from "mongodb";
import { setTimeout as delay } from "node:timers/promises";
import type { Aggregate, Resource } from "./aggregate.ts";
import { changedFields } from "./changed-fields.ts";
import { type Authority, type CommandKey, type CommandScope, commandKeyOf } from "./command-scope.ts";
import { duplicateIndex, isContendedCommand, isContention } from "./fault.ts";
import { keyedQueue, QueueFull } from "./keyed-queue.ts";
import { outboxEntries, outboxFull } from "./outbox.ts";
import { type Company, GroupFault, openRecords } from "./records.ts";
import { withConversion } from "./conversion.ts";
import { derivedId, newId } from "./type-id.ts";
import { takenReason } from "./unique-values.ts";

/** Law 1: the largest state a command may leave behind. */
const maxStateBytes = 128 * 1024;
/** Commands that may wait for one record in this process before callers are pushed back. */
const queueLimit = 256;

const noAuthority: Authority = { grants: {}, teams: [] };

/** A record as committed: its state and the version that is its etag. */
export type Committed<State> = { state: State; version: number };

/** What the chassis knows at each attempt; a handler adds reference data to make the decider's context. */
export type Attempt = { id: string; tenant: string; actor: string; authority: Authority; now: Date; deadline: Date };

/** Makes the decider's context of one attempt; what a command names is looked up here, since deciders are pure. */
export type ContextFor<State, Context, Command = never> = (
  attempt: Attempt,
  state: State | undefined,
  command: Command,
) => Context | Promise<Context>;

/** Whether a command makes a record, needs one, or takes either. */
export type Target = "missing" | "existing" | "any";

export type Store<State extends Resource, Command extends Typed, Event extends Typed, Context> = {
  readonly aggregate: Aggregate<State, Command, Event, Context>;
  /** Its documents; one that was stored before a field came to be is found with the field's default. */
  readonly collection: Collection<AggregateDocument<State>>;
  /** The fields that tenants have given its records; undefined where they take none. */
  readonly fields: FieldSource | undefined;
  /** The same as they lie there: for lists, whose order goes by what the indexes hold. `complete` what is shown of it. */
  readonly stored: Collection<AggregateDocument<State>>;
  /** Gives a document, where it lies, the fields that it was stored without. */
  complete(document: AggregateDocument<State>): void;
  /** Creates the indexes that commands rely on. */
  prepare(): Promise<void>;
  /**
   * Runs a command that makes a record. Its id is new, derived from the client's key, or given (reactions).
   * Errors: those of the decider, the aggregate's unique reasons, ALREADY_EXISTS, KEY_REUSED.
   */
  create(
    command: Command,
    scope: CommandScope,
    context: ContextFor<State, Context, Command>,
    id?: string,
  ): Promise<Committed<State> | DomainError>;
  /**
   * Runs a command on one record; within `runDry` it answers the same, and nothing is written. Errors: those of the decider, NOT_FOUND, ETAG_MISMATCH, KEY_REUSED, CONFLICT,
   * OUTBOX_FULL, STATE_TOO_LARGE, STORE_UNAVAILABLE.
   */
  execute(
    id: string,
    command: Command,
    scope: CommandScope,
    context: ContextFor<State, Context, Command>,
    target?: Target,
  ): Promise<Committed<State> | DomainError>;
  /** The record, or undefined when it is missing, another tenant's or out of sight. */
  get(tenant: string, id: string, visibility: Visibility): Promise<Committed<State> | undefined>;
};

export type StoreDependencies = {
  db: Db;
  relay: { wake(collection: string, id: string): void };
  journal: Pick<Journal, "findByCommandKey" | "holds">;
  now: () => Date;
  fields?: FieldSource | undefined;
};

/** Opens an aggregate's collection for commands: law 1 in code. */
export const openStore = <State extends Resource, Command extends Typed, Event extends Typed, Context>(
  aggregate: Aggregate<State, Command, Event, Context>,
  { db, relay, journal, now, fields: source }: StoreDependencies,
): Store<State, Command, Event, Context> => {
  type Document = AggregateDocument<State>;
  type Outcome = Committed<State> | DomainError;
  const stored = db.collection<Document>(aggregate.collection);
  const completeState = resourceCompleter(aggregate.name);
  const complete = ({ state }: Document): void => {
    // A projection may leave it out.
    if (state !== undefined) completeState?.(state);
  };
  const collection = completed(stored, complete);
  const records = openRecords<State>(collection, journal);
  const enqueue = keyedQueue(queueLimit);
  const holder = holders().get(aggregate.collection);
  const fields = holder && source;
  const placeInCreate = holder === undefined ? "" : `${snakeCase(holder.message.name)}.`;
  const decider = holder ? withConversion(aggregate.decider, holder.message.name, completeState) : aggregate.decider;

  const store: Store<State, Command, Event, Context> = {
    aggregate,
    collection,
    fields,
    stored,
    complete,
    prepare: async () => {
      if (aggregate.indexes !== undefined && aggregate.indexes.length > 0) {
        await collection.createIndexes([...aggregate.indexes]);
      }
    },
    create: (command, scope, context, id = createdId(scope)) => store.execute(id, command, scope, context, "missing"),
    execute: async (id, command, scope, context, target = "existing") => {
      try {
        const isDry = isDryRun();
        // By tenant too: a derived id is known to others, whose commands must not stand before its owner's.
        const outcome = await enqueue(`${scope.tenant} ${id}`, () =>
          attempts(id, command, scope, context, target, isDry),
        );
        if (!isDomainError(outcome) && !isDry) scope.wrote?.({ id, version: outcome.version });
        return outcome;
      } catch (error) {
        if (error instanceof QueueFull) return reject("OUTBOX_FULL", { id });
        throw error;
      }
    },
    get: async (tenant, id, visibility) => {
      const document = await records.load(tenant, id);
      return document && maySee(visibility, document.state)
        ? { state: document.state, version: document.version }
        : undefined;
    },
  };
  return store;

  function createdId({ tenant, idempotency }: CommandScope): string {
    if (idempotency === undefined) return newId(aggregate.name);
    return derivedId(aggregate.name, tenant, idempotency.caller, idempotency.method, idempotency.key);
  }

  async function attempts(
    id: string,
    command: Command,
    scope: CommandScope,
    context: ContextFor<State, Context, Command>,
    target: Target,
    isDry: boolean,
  ): Promise<Outcome> {
    const key = commandKeyOf(scope, id);
    // Nothing can be known of a record whose id is new, so the first attempt to make one skips the look; where nothing is
    // written, the write cannot find it either.
    let look = target !== "missing" || isDry;
    // Only a client's key, or a write whose outcome is unknown, can mean that the command has been here before.
    let lookBack = scope.idempotency !== undefined;
    let company: Company = "grouped";
    for (let failures = 0; ; failures += 1) {
      const beganAt = now();
      if (beganAt >= scope.deadline) return reject(failures === 0 ? "DEADLINE_EXCEEDED" : "CONFLICT", { id });
      try {
        const outcome = await attempt(id, command, scope, context, target, key, { look, lookBack, company, isDry });
        if (outcome !== "lost") return outcome;
      } catch (error) {
        lookBack = true;
        if (error instanceof GroupFault) company = "alone";
        else if (!isConnectionLoss(error) && !isContendedCommand(error)) throw error;
        if (isConnectionLoss(error) && !isTimeFor(backoffMs(failures), beganAt, scope.deadline))
          return reject("STORE_UNAVAILABLE");
      }
      look = true;
      await delay(backoffMs(failures) * Math.random());
    }
  }

  /** Whether another attempt after a pause may end in time: where the store is away, it may take as long as the last one. */
  function isTimeFor(pauseMs: number, lastBeganAt: Date, deadline: Date): boolean {
    const atMs = now().getTime();
    return atMs + pauseMs + (atMs - lastBeganAt.getTime()) < deadline.getTime();
  }

  async function attempt(
    id: string,
    command: Command,
    scope: CommandScope,
    context: ContextFor<State, Context, Command>,
    target: Target,
    key: CommandKey,
    { look, lookBack, company, isDry }: { look: boolean; lookBack: boolean; company: Company; isDry: boolean },
  ): Promise<Outcome | "lost"> {
    const document = look ? await records.load(scope.tenant, id) : undefined;
    if (document !== undefined) {
      if (!maySee(scope.visibility, document.state)) return reject("NOT_FOUND", { id });
      const deleted = document.state.deleteTime !== undefined;
      if (deleted && target === "missing") return reject("ALREADY_EXISTS", { id });
      const earlier = lookBack ? await findEarlier(document, key.commandKey) : undefined;
      if (earlier !== undefined) return answerAgain(document, earlier, key);
      if (target === "missing") return reject("ALREADY_EXISTS", { id });
      const takesDeleted = scope.includesDeleted ?? aggregate.onDeleted?.includes(command.type as Command["type"]);
      if (deleted && !takesDeleted) return reject("RECORD_DELETED", { id });
      if (scope.expectedVersion !== undefined && scope.expectedVersion !== document.version) {
        return reject("ETAG_MISMATCH", { id, etag: String(document.version) });
      }
      if (outboxFull(document)) return reject("OUTBOX_FULL", { id });
    } else if (target === "existing") {
      return reject("NOT_FOUND", { id });
    }

    const before = document?.state;
    if (scope.refuseNamed !== undefined) {
      const refusal = await scope.refuseNamed(before);
      // Whoever may not name the record any more gets a repeat answered all the same.
      if (refusal !== undefined) return look || !lookBack ? refusal : "lost";
    }
    const at = now();
    const { tenant, actor, authority = noAuthority, deadline } = scope;
    const base: Attempt = { id, tenant, actor, authority, now: at, deadline };
    const events = decider.decide(command, before, await context(base, before, command));
    if (isDomainError(events)) return events;
    if (events.length === 0) {
      if (document === undefined) return reject("NOT_FOUND", { id });
      return { state: document.state, version: document.version };
    }

    const version = (document?.version ?? 0) + 1;
    const folding = stamped(fold(decider.evolve, before, events) as State, before, id, at);
    const folded =
      fields === undefined
        ? folding
        : settled(await fields.of(tenant, aggregate.collection), before, folding, {
            isAsked: !isServiceActor(actor) && scope.takesNoValues !== true,
            place: before === undefined ? placeInCreate : "",
          });
    if (isDomainError(folded)) return folded;
    const after = { ...folded, ...aggregate.derive?.(folded) };
    const outbox = outboxEntries(aggregate, events, after, {
      ...key,
      version,
      at,
      actor: scope.actor,
      causedBy: scope.causedBy,
      traceparent: currentTraceparent(),
      origin: currentOrigin(),
      changed: before && changedFields(before, after),
    });
    if (tooLarge(outbox, after)) return reject("STATE_TOO_LARGE", { limitBytes: String(maxStateBytes) });
    if (isDry) {
      const taken = await takenReason(collection, aggregate, { id, tenant, state: after });
      return taken === undefined ? { state: after, version } : reject(taken, { id });
    }

    const outcome = await write(document, { id, tenant: scope.tenant, after, version, outbox, at }, company);
    if (outcome !== "written") return outcome;
    relay.wake(aggregate.collection, id);
    return { state: after, version };
  }

  async function write(
    before: Document | undefined,
    commit: { id: string; tenant: string; after: State; version: number; outbox: OutboxEntry[]; at: Date },
    company: Company,
  ): Promise<"written" | "lost" | DomainError> {
    const { id, tenant, after, version, outbox, at } = commit;
    const wakeAt = aggregate.wakeAt?.(after);
    const to = {
      _id: id,
      tenant,
      version,
      state: after,
      outbox,
      relayAt: relayDueAt(at),
      ...(wakeAt && { wakeAt }),
    };
    const written =
      before === undefined
        ? await records.insert(to, company)
        : await records.update({ from: before.version, to }, company);
    if (written === "written" || written === "lost" || isContention(written))
      return written === "written" ? "written" : "lost";
    const index = duplicateIndex(written);
    if (index === "_id_") return "lost";
    const reason = index === undefined ? undefined : aggregate.uniqueReasons?.[index];
    if (reason === undefined) throw new Error(`the store refused a write: ${index ?? ""} ${written.code}`);
    return reject(reason, { id });
  }

  /** The commit's last entry, if the command has been here before: still waiting in the document, or in the journal. */
  async function findEarlier(document: Document, commandKey: string): Promise<OutboxEntry | JournalRow | undefined> {
    return (
      document.outbox.find((entry) => entry.commandKey === commandKey) ??
      (await journal.findByCommandKey(document.tenant, commandKey))
    );
  }

  function answerAgain(document: Document, earlier: OutboxEntry | JournalRow, key: CommandKey): Outcome {
    if (earlier.requestHash !== key.requestHash) return reject("KEY_REUSED");
    const codec = aggregate.events[earlier.type as Event["type"]] as MessageCodec<{ snapshot?: State }>;
    const { snapshot } = codec.decode(earlier.data.buffer);
    return { state: snapshot ?? document.state, version: earlier.version };
  }
};

const stamped = <State extends Resource>(after: State, before: State | undefined, id: string, at: Date): State => ({
  ...after,
  id,
  etag: "",
  createTime: before?.createTime ?? at,
  updateTime: at,
});

/** The snapshot bounds the state closely enough to skip the exact size while it is small. */
const tooLarge = (outbox: readonly OutboxEntry[], after: object): boolean =>
  (outbox.at(-1)?.data.length() ?? 0) > maxStateBytes / 4 && BSON.calculateObjectSize(after) > maxStateBytes;

/** `KeyNode` → `key_node`: the field of a request that carries such a record. */
const snakeCase = (name: string): string => name.replace(/(?<=.)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();

const backoffMs = (failures: number): number => Math.min(10 * 2 ** failures, 500);
