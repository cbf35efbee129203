import { grantedScope, type Scope } from "@keynode/auth/principal";
import { maySee, type Visibility } from "@keynode/auth/visibility";
import type { Call } from "../call.ts";
import type { RecordOwnership } from "./record-ownership.ts";

/** Whose sensitive values a caller may see. */
export type Sight = {
  /** Those of every record of the collections asked about. */
  readonly isWhole: boolean;
  /** Those of this record. A user's own record is open to that user. */
  reaches(collection: string, record: RecordOwnership): boolean;
};

/** The right to a collection's sensitive values. */
export const sensitiveRight = (collection: string): string => `${collection}.readSensitive`;

/** Who looks. */
type Viewer = Pick<Call, "principal" | "within" | "actor">;

/** What the caller of a call may see of some collections' sensitive values. */
export const sightOf = (call: Viewer, collections: ReadonlySet<string>): Sight => {
  const visible = new Map<string, Visibility>();
  for (const collection of collections) {
    const visibility = visibilityIn(call, collection);
    if (visibility !== undefined) visible.set(collection, visibility);
  }
  return {
    isWhole: [...collections].every((collection) => visible.get(collection)?.kind === "all"),
    reaches: (collection, record) => {
      if (record.id === call.actor) return true;
      const visibility = visible.get(collection);
      return visibility !== undefined && maySee(visibility, record);
    },
  };
};

const reaches: Readonly<Record<Scope, number>> = { own: 1, team: 2, all: 3 };

/** Whether the caller may see the collection's sensitive values of every record that the call reaches. */
export const mayCompare = ({ principal, scope }: Call, collection: string): boolean => {
  const granted = grantedScope(principal, sensitiveRight(collection));
  return granted !== undefined && reaches[granted] >= reaches[scope];
};

const visibilityIn = ({ principal, within }: Viewer, collection: string): Visibility | undefined => {
  const granted = grantedScope(principal, sensitiveRight(collection));
  return granted === undefined ? undefined : within(granted);
};
