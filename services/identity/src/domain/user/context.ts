import type { References } from "../references.ts";

/** All that a decision about a user may know besides its arguments. */
export type UserContext = {
  readonly now: Date;
  readonly id: string;
  /** Who decides: the id of a user, an API key or a service. */
  readonly actor: string;
  readonly references: References;
  /** On ChangeTeams: the roles that the groups give which the user is in afterwards. */
  readonly groupRoleIds?: readonly string[];
};
