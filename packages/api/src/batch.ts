import type { CommandScope } from "@keynode/aggregate/command-scope";
import { Status } from "@keynode/contracts/google/rpc/status";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import type { ErrorTable } from "@keynode/decider/error-table";
import type { Call } from "@keynode/grpc/call";
import { statusOf } from "@keynode/grpc/status";
import { commandScope } from "./command.ts";

/** Items of one batch that are worked on at the same time. */
const parallel = 16;

/** The part of a batch's time, and the most of it, in which no further item is begun: those under way must be answered. */
const closing = { part: 0.2, mostMs: 2_000 };

const ok = Status.fromPartial({});

/** One item's result: the record, or why there is none. */
export type BatchOutcome<Record_> = { record?: Record_; status: Status };

/**
 * Runs the items of a batch, each on its own and under the key `batchKey/index`; answers in their order. An item that
 * validation refused is refused without being run, and so is one whose turn does not come in time (DEADLINE_EXCEEDED): a
 * repeat of the batch under its key goes on there.
 */
export const runBatch = async <Item, Record_>(
  items: readonly Item[],
  call: Call,
  errors: ErrorTable,
  run: (item: Item, scope: CommandScope) => Promise<Record_ | DomainError>,
): Promise<BatchOutcome<Record_>[] | DomainError> => {
  const scope = commandScope(call);
  if (isDomainError(scope)) return scope;
  const outcomes: BatchOutcome<Record_>[] = [];
  const untilMs = call.deadline.getTime();
  const lastBeginMs = untilMs - Math.min(closing.mostMs, (untilMs - Date.now()) * closing.part);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const outcome =
        call.itemRefusals.get(index) ??
        (Date.now() > lastBeginMs
          ? reject("DEADLINE_EXCEEDED")
          : await run(items[index] as Item, itemScope(scope, call, index)));
      outcomes[index] = isDomainError(outcome)
        ? { status: refusedStatus(outcome, errors, call) }
        : { record: outcome, status: ok };
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  return outcomes;
};

const itemScope = (scope: CommandScope, { named }: Call, index: number): CommandScope => ({
  ...scope,
  refuseNamed: named && ((before) => named.refusal(before, index)),
  idempotency: scope.idempotency && { ...scope.idempotency, key: `${scope.idempotency.key}/${index}` },
});

const refusedStatus = (error: DomainError, errors: ErrorTable, { locale }: Call): Status => {
  const status = statusOf(error, errors, locale);
  if (status === undefined) throw new Error(`no error table knows ${error.reason}`);
  return status;
};
