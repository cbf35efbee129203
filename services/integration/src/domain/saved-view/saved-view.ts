import type { SavedView } from "@keynode/contracts/crm/integration/v1/saved_view";
import { type CrudCommand, type CrudEvent, crudDecider } from "@keynode/decider/crud";
import { type DomainError, reject } from "@keynode/decider/domain-error";

/** A saved view as stored: the resource and what only this service needs. */
export type SavedViewState = SavedView & {
  /** Pinyin form of the name, for sorting. */
  nameKey?: string | undefined;
  /** Who may read it besides its owner: `everyone`, or a team's id. */
  audience?: string | undefined;
};

export type SavedViewCommand = CrudCommand<"SavedView", "savedView", SavedViewState>;
export type SavedViewEvent = CrudEvent<"SavedView", "savedView", SavedViewState>;

/** All that a decision about a saved view may know besides its arguments. */
export type SavedViewContext = {
  readonly now: Date;
  /** What can be listed. */
  readonly collections: ReadonlySet<string>;
};

/** Errors: COLLECTION_UNKNOWN. */
const refuseCollection = (
  { collection }: SavedViewState,
  { collections }: SavedViewContext,
): DomainError | undefined => {
  if (collections.has(collection)) return undefined;
  const reason = "COLLECTION_UNKNOWN";
  return reject(reason, { collection }, [{ field: "saved_view.collection", reason }]);
};

/** No rules but one: what it lists is there. */
export const savedViewDecider = crudDecider<"SavedView", "savedView", SavedViewState, SavedViewContext>(
  "SavedView",
  "savedView",
  refuseCollection,
);

/** The audience of a shared view. */
export const everyone = "everyone";

export const audienceOf = ({ shared, teamId }: Pick<SavedViewState, "shared" | "teamId">): string =>
  shared ? everyone : teamId;
