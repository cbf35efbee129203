import type { CustomValue } from "@keynode/contracts/crm/chassis/v1/custom_value";
import type { Complete } from "@keynode/contracts/defaults";
import type { Decider, Typed } from "@keynode/decider/decider";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import { converted } from "@keynode/fields/converted";
import type { Field } from "@keynode/fields/field";
import type { Values } from "@keynode/fields/given-values";
import { kindOf } from "@keynode/fields/kinds";

/** Brings a record's value of a custom field into the kind that the field has now. */
export type ConvertCustomValue = { readonly type: "ConvertCustomValue"; readonly field: Field };

export const convertCustomValue = (field: Field): ConvertCustomValue => ({ type: "ConvertCustomValue", field });

/** What a record of any kind says about it: its custom values before and after. */
type Converted = Typed & { readonly before: Valued; readonly changes: Valued };
type Valued = { readonly customFields?: Values };

/**
 * The rules of an aggregate whose records take custom fields, with one more that is the same for all of them: a value is
 * converted wherever its record is in its life, and the fact keeps what it was. A value that is of the kind already, and
 * one that the kind cannot hold, stays as it is.
 */
export const withConversion = <Command extends Typed, State, Event extends Typed, Context>(
  { decide, evolve }: Decider<Command, State, Event, Context>,
  resource: string,
  complete: Complete | undefined,
): Decider<Command, State, Event, Context> => {
  const fact = `${resource}CustomValuesConverted`;

  const valuesOf = (key: string, value: CustomValue): Valued => {
    const message: Valued = { customFields: { [key]: value } };
    complete?.(message);
    return message;
  };

  const conversion = ({ field }: ConvertCustomValue, state: State | undefined): readonly Converted[] | DomainError => {
    if (state === undefined) return reject("NOT_FOUND");
    const { customFields = {} } = state as Valued;
    const value = Object.hasOwn(customFields, field.key) ? customFields[field.key] : undefined;
    if (value === undefined || kindOf(value) === field.kind) return [];
    const made = converted(field, value);
    if (made === undefined) return [];
    return [{ type: fact, before: valuesOf(field.key, value), changes: valuesOf(field.key, made) }];
  };

  return {
    decide: (command, state, context) =>
      isConversion(command)
        ? (conversion(command, state) as readonly Typed[] as readonly Event[] | DomainError)
        : decide(command, state, context),
    evolve: (state, event) =>
      event.type === fact ? withValues(state as State & Valued, event as Typed as Converted) : evolve(state, event),
  };
};

const isConversion = (command: Typed): command is ConvertCustomValue => command.type === "ConvertCustomValue";

const withValues = <State extends Valued>(state: State, { changes }: Converted): State => ({
  ...state,
  customFields: { ...state.customFields, ...changes.customFields },
});
