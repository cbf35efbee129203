import { reject } from "@keynode/decider/domain-error";
import { defineAggregate, type Resource } from "@keynode/aggregate/aggregate";
import type { CommandScope } from "@keynode/aggregate/command-scope";
import type { MessageCodec } from "@keynode/messaging/recorded";

/** A small aggregate for the tests of the store: a counter that may not pass its limit. */
export type Counter = Resource & { label: string; count: number; limit: number; labelKey?: string };
export type CounterCommand =
  | { type: "Open"; label: string; limit: number }
  | { type: "Add"; amount: number }
  | { type: "Pad"; text: string }
  | { type: "Remove" };
export type CounterEvent =
  | { type: "Opened"; label: string; limit: number; ownerId: string; snapshot?: Counter }
  | { type: "Added"; amount: number; snapshot?: Counter }
  | { type: "Padded"; text: string; snapshot?: Counter }
  | { type: "Removed"; at: Date; snapshot?: Counter };
export type CounterContext = { now: Date; actor: string };

/** Stands in for a generated codec: JSON instead of protobuf. */
const jsonCodec = <Message extends object>(): MessageCodec<Message> => ({
  encode: (message) => ({ finish: () => new TextEncoder().encode(JSON.stringify(message)) }),
  decode: (bytes) => JSON.parse(new TextDecoder().decode(bytes)),
});

const blank: Counter = { id: "", ownerId: "", teamId: "", etag: "", label: "", count: 0, limit: 0 };

export const counter = defineAggregate<Counter, CounterCommand, CounterEvent, CounterContext>({
  name: "counter",
  collection: "counters",
  events: { Opened: jsonCodec(), Added: jsonCodec(), Padded: jsonCodec(), Removed: jsonCodec() },
  derive: (state) =>
    ({ labelKey: state.deleteTime === undefined ? state.label.toLowerCase() : undefined }) as Partial<Counter>,
  onDeleted: ["Remove"],
  indexes: [
    {
      name: "label",
      key: { tenant: 1, "state.labelKey": 1 },
      unique: true,
      partialFilterExpression: { "state.labelKey": { $exists: true } },
    },
  ],
  uniqueReasons: { label: "LABEL_TAKEN" },
  decider: {
    decide: (command, state, { now, actor }) => {
      switch (command.type) {
        case "Open":
          return [{ type: "Opened", label: command.label, limit: command.limit, ownerId: actor }];
        case "Add":
          if ((state?.count ?? 0) + command.amount > (state?.limit ?? 0)) return reject("LIMIT_REACHED");
          return command.amount === 0
            ? []
            : Array.from({ length: command.amount }, () => ({ type: "Added", amount: 1 }));
        case "Pad":
          return [{ type: "Padded", text: command.text }];
        case "Remove":
          return state?.deleteTime === undefined ? [{ type: "Removed", at: now }] : [];
      }
    },
    evolve: (state = blank, event) => {
      switch (event.type) {
        case "Opened":
          return { ...state, label: event.label, limit: event.limit, ownerId: event.ownerId };
        case "Added":
          return { ...state, count: state.count + event.amount };
        case "Padded":
          return { ...state, label: event.text };
        case "Removed":
          return { ...state, deleteTime: event.at };
      }
    },
  },
});

export const context = ({ now, actor }: { now: Date; actor: string }): CounterContext => ({ now, actor });

export const scope = (tenant: string, more: Partial<CommandScope> = {}): CommandScope => ({
  tenant,
  actor: "user_li",
  visibility: { kind: "all" },
  deadline: new Date(Date.now() + 10_000),
  ...more,
});

export const keyed = (
  tenant: string,
  key: string,
  requestHash = "hash",
  more: Partial<CommandScope> = {},
): CommandScope =>
  scope(tenant, { idempotency: { caller: "user_li", method: "Counters/Add", key, requestHash }, ...more });
