import type { Reference } from "@keynode/decider/reference";
import type { CoverTime } from "./cover.ts";

/** Somebody a case can be given to: an active user, and the first of their teams. */
export type Assignee = { readonly id: string; readonly teamId: string };

/** All that a decision about a case may know besides its arguments. */
export type CaseContext = {
  readonly now: Date;
  /** Who decides: the id of a user, an API key or a service. */
  readonly actor: string;
  /** The number that a new case takes. */
  readonly number: string;
  /** The tenant's, by which a request has its day. */
  readonly timeZone: string;
  /** The covers of the case's account. */
  readonly covers: readonly CoverTime[];
  /** What is known of the records that a command names. */
  readonly references: {
    readonly account: Reference;
    readonly contact: Reference;
    readonly product: Reference;
    readonly assignee: Reference;
  };
  /** Who is to work on the case: the one the command names, or the one whose turn it is. */
  readonly assignee: Assignee | undefined;
};
