import { isDeepStrictEqual } from "node:util";

/** Paths of a FieldMask, in proto names (`expected_close_date`, `address.city`), as they travel. */
export type Paths = readonly string[];

/** The paths whose value in `patch` differs from the one in `current`. */
export const changedPaths = (current: object, patch: object, paths: Paths): string[] =>
  paths.filter((path) => !isDeepStrictEqual(valueAt(current, path), valueAt(patch, path)));

/** `current` with the values that `changes` has at the paths; a path without a value there clears the field. */
export const withChanges = <State extends object>(current: State, changes: object, paths: Paths): State =>
  paths.reduce<State>((state, path) => withValue(state, properties(path), valueAt(changes, path)), current);

/** Appends to a history that keeps its latest entries, oldest first. */
export const appendBounded = <Entry>(history: readonly Entry[], entry: Entry, limit: number): Entry[] =>
  [...history, entry].slice(-limit);

const properties = (path: string): string[] =>
  path.split(".").map((name) => name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase()));

const valueAt = (root: object, path: string): unknown =>
  properties(path).reduce<unknown>(
    (value, name) => (isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined),
    root,
  );

const withValue = <State extends object>(state: State, [name, ...rest]: readonly string[], value: unknown): State => {
  if (name === undefined) return state;
  if (rest.length === 0) return { ...state, [name]: value };
  const inner = (state as Record<string, unknown>)[name];
  return { ...state, [name]: withValue(isRecord(inner) ? inner : {}, rest, value) };
};

/** Whether two values are the same, message by message and item by item. */
export const isSame = (a: unknown, b: unknown): boolean => isDeepStrictEqual(a, b);

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
