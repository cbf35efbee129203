import { type Decider, decideBy, type Typed } from "./decider.ts";
import type { DomainError } from "./domain-error.ts";
import { changedPaths, type Paths, withChanges } from "./record.ts";

/** What the rules of this file need of a resource. */
export type OwnedRecord = { ownerId: string; teamId: string; deleteTime?: Date | undefined };

/** The least a decider's context holds. */
export type Clock = { readonly now: Date };

/** Hands a record over; an empty team stays as it is. */
export type Reassign = { readonly ownerId: string; readonly teamId: string };

type Carrying<Field extends string, Record_> = { readonly [Name in Field]?: Record_ | undefined };

/** Standard commands of a resource: `UpdateLead { lead, updateMask }`, `DeleteLead`, `UndeleteLead`, `ReassignLead`. */
export type StandardCommand<Name extends string, Field extends string, State> =
  | ({ readonly type: `Update${Name}`; readonly updateMask?: string[] | undefined } & Carrying<Field, State>)
  | { readonly type: `Delete${Name}` }
  | { readonly type: `Undelete${Name}` }
  | { readonly type: `Reassign${Name}`; readonly ownerId: string; readonly teamId: string };

/** What the standard commands cause. */
export type StandardEvent<Name extends string, State> =
  | {
      readonly type: `${Name}Edited`;
      readonly changes?: State | undefined;
      readonly changedFields?: string[] | undefined;
      readonly editTime?: Date | undefined;
    }
  | { readonly type: `${Name}Deleted`; readonly deleteTime?: Date | undefined }
  | { readonly type: `${Name}Restored` }
  | {
      readonly type: `${Name}Reassigned`;
      readonly fromOwnerId: string;
      readonly fromTeamId: string;
      readonly ownerId: string;
      readonly teamId: string;
    };

/** The event of an edit, or none when every field already has its new value. */
export const edited = <Name extends string, State extends object>(
  name: Name,
  state: State,
  changes: State,
  paths: Paths,
  { now }: Clock,
) => {
  const changedFields = changedPaths(state, changes, paths);
  return changedFields.length === 0 ? [] : [{ type: `${name}Edited` as const, changes, changedFields, editTime: now }];
};

/** The event of handing a record over, or none when it is there already; an empty team stays as it is. */
export const reassigned = <Name extends string, State extends OwnedRecord>(name: Name, state: State, to: Reassign) => {
  const teamId = to.teamId === "" ? state.teamId : to.teamId;
  if (to.ownerId === state.ownerId && teamId === state.teamId) return [];
  return [
    {
      type: `${name}Reassigned` as const,
      fromOwnerId: state.ownerId,
      fromTeamId: state.teamId,
      ownerId: to.ownerId,
      teamId,
    },
  ];
};

/** The event of a deletion; none when the record is deleted. */
export const deleted = <Name extends string, State extends OwnedRecord>(name: Name, state: State, { now }: Clock) =>
  state.deleteTime === undefined ? [{ type: `${name}Deleted` as const, deleteTime: now }] : [];

/** The event of bringing a record back; none when it was not deleted. */
export const restored = <Name extends string, State extends OwnedRecord>(name: Name, state: State) =>
  state.deleteTime === undefined ? [] : [{ type: `${name}Restored` as const }];

/** Folds the events of the standard commands; `undefined` for any other event. */
export const evolveStandard = <State extends OwnedRecord>(
  name: string,
  state: State,
  event: Typed & Partial<StandardFacts<State>>,
): State | undefined => {
  switch (event.type) {
    case `${name}Edited`:
      return withChanges(state, event.changes ?? {}, event.changedFields ?? []);
    case `${name}Deleted`:
      return { ...state, deleteTime: event.deleteTime };
    case `${name}Restored`:
      return { ...state, deleteTime: undefined };
    case `${name}Reassigned`:
      return { ...state, ownerId: event.ownerId ?? state.ownerId, teamId: event.teamId ?? state.teamId };
    default:
      return undefined;
  }
};

/** The fields that the standard events have between them. */
type StandardFacts<State> = {
  readonly changes: State | undefined;
  readonly changedFields: string[] | undefined;
  readonly deleteTime: Date | undefined;
  readonly ownerId: string;
  readonly teamId: string;
};

/** Commands of a resource without rules of its own. */
export type CrudCommand<Name extends string, Field extends string, State> =
  | ({ readonly type: `Create${Name}` } & Carrying<Field, State>)
  | StandardCommand<Name, Field, State>;

/** Events of a resource without rules of its own. */
export type CrudEvent<Name extends string, Field extends string, State> =
  | ({ readonly type: `${Name}Created` } & Carrying<Field, State>)
  | StandardEvent<Name, State>;

/**
 * The rules of a resource that has none: create, change, delete, bring back, hand over. `check` may refuse the
 * state that a create or an update would leave.
 */
export const crudDecider = <
  Name extends string,
  Field extends string,
  State extends OwnedRecord,
  Context extends Clock,
>(
  name: Name,
  field: Field,
  check: (after: State, context: Context) => DomainError | undefined = () => undefined,
): Decider<CrudCommand<Name, Field, State>, State, CrudEvent<Name, Field, State>, Context> => {
  const table = {
    [`Create${name}`]: (command: Carrying<Field, State>, _state: undefined, context: Context) => {
      const record = command[field] as State;
      return check(record, context) ?? [{ type: `${name}Created`, [field]: record }];
    },
    [`Update${name}`]: (
      command: Carrying<Field, State> & { updateMask?: string[] },
      state: State,
      context: Context,
    ) => {
      const changes = command[field] as State;
      const events = edited(name, state, changes, command.updateMask ?? [], context);
      return check(withChanges(state, changes, command.updateMask ?? []), context) ?? events;
    },
    [`Delete${name}`]: (_command: Typed, state: State, context: Context) => deleted(name, state, context),
    [`Undelete${name}`]: (_command: Typed, state: State) => restored(name, state),
    [`Reassign${name}`]: (command: { ownerId: string; teamId: string }, state: State) =>
      reassigned(name, state, command),
  };
  return {
    decide: decideBy(table as never),
    evolve: (state, event) => {
      if (event.type === `${name}Created`) return (event as Carrying<Field, State>)[field] as State;
      return evolveStandard(name, state as State, event as Typed) ?? (state as State);
    },
  };
};
