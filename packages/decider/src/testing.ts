import { deepStrictEqual, strictEqual } from "node:assert";
import { type Decider, fold, type Typed } from "./decider.ts";
import { isDomainError } from "./domain-error.ts";

/** Given/when/then over one decider: `specify(decider).given(events).when(command, context).then(events)`. */
export const specify = <Command extends Typed, State, Event extends Typed, Context>(
  decider: Decider<Command, State, Event, Context>,
) => ({
  given: (...history: readonly Event[]) => {
    const before = fold(decider.evolve, undefined, history);
    return {
      when: (command: Command, context: Context) => {
        const outcome = decider.decide(command, before, context);
        return {
          /** The command causes exactly these events, in order. */
          // oxlint-disable-next-line unicorn/no-thenable -- given, when, then are a specification's words
          then: (...expected: readonly Event[]) => {
            deepStrictEqual(outcome, expected);
          },
          /** The command causes events of these types; `check` looks at the state that follows. */
          thenTypes: (types: readonly Event["type"][], check?: (state: State) => void) => {
            if (isDomainError(outcome))
              throw new Error(`refused: ${outcome.reason} ${JSON.stringify(outcome.metadata)}`);
            deepStrictEqual(
              outcome.map((event) => event.type),
              types,
            );
            const after = fold(decider.evolve, before, outcome);
            if (check && after !== undefined) check(after);
          },
          /** The command has already happened: no event, no error. */
          thenNothing: () => {
            deepStrictEqual(outcome, []);
          },
          /** The command is refused for exactly this reason. */
          thenRefused: (reason: string, metadata?: Readonly<Record<string, string>>) => {
            if (!isDomainError(outcome))
              throw new Error(`not refused: ${JSON.stringify(outcome.map((event) => event.type))}`);
            strictEqual(outcome.reason, reason);
            if (metadata) deepStrictEqual(outcome.metadata, metadata);
          },
        };
      },
    };
  },
});
