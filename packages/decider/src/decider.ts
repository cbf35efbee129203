import { type DomainError, reject } from "./domain-error.ts";

/** A command or event: its `type` names the rpc or the fact, the rest is the generated message. */
export type Typed = { readonly type: string };

/** Turns `{ LeadCaptured: LeadCaptured, … }` into the union of those messages tagged with their name. */
export type Tagged<Messages extends object> = {
  [Name in keyof Messages & string]: { readonly type: Name } & Messages[Name];
}[keyof Messages & string];

/**
 * The rules of one aggregate, without I/O. `state` is undefined before the first event.
 * `decide` answers the facts a command causes ([] when it has already happened) or a refusal;
 * `evolve` is total and never throws, since a recorded event is a fact.
 */
export type Decider<Command extends Typed, State, Event extends Typed, Context> = {
  readonly decide: (command: Command, state: State | undefined, context: Context) => readonly Event[] | DomainError;
  readonly evolve: (state: State | undefined, event: Event) => State;
};

/** One function per command type; tsc refuses a table that lacks one. */
export type DecisionTable<Command extends Typed, State, Event extends Typed, Context> = {
  readonly [Type in Command["type"]]: (
    command: Extract<Command, { type: Type }>,
    state: State | undefined,
    context: Context,
  ) => readonly Event[] | DomainError;
};

/** Dispatches a command to its function in the table. */
export const decideBy =
  <Command extends Typed, State, Event extends Typed, Context>(
    table: DecisionTable<Command, State, Event, Context>,
  ): Decider<Command, State, Event, Context>["decide"] =>
  (command, state, context) => {
    const decision = table[command.type as Command["type"]] as (
      command: Command,
      state: State | undefined,
      context: Context,
    ) => readonly Event[] | DomainError;
    return decision(command, state, context);
  };

/** Folds events over a state. */
export const fold = <State, Event extends Typed>(
  evolve: (state: State | undefined, event: Event) => State,
  state: State | undefined,
  events: readonly Event[],
): State | undefined => events.reduce<State | undefined>(evolve, state);

/** One rule of an aggregate for a command on an existing record. */
export type RecordRule<Command extends Typed, State, Event extends Typed, Context> = (
  command: Command,
  state: State,
  context: Context,
) => readonly Event[] | DomainError;

/** A rule that needs a record; without one the command is refused with NOT_FOUND. */
export const onRecord =
  <Command extends Typed, State, Event extends Typed, Context>(rule: RecordRule<Command, State, Event, Context>) =>
  (command: Command, state: State | undefined, context: Context): readonly Event[] | DomainError =>
    state === undefined ? reject("NOT_FOUND") : rule(command, state, context);
