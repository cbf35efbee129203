/** All that a decision about a lead may know besides its arguments. */
export type LeadContext = {
  readonly now: Date;
  /** Who decides: the id of a user, an API key or a service. */
  readonly actor: string;
  /** The ids under which a conversion makes its records; the same for every repeat. */
  readonly conversionIds: { readonly accountId: string; readonly contactId: string; readonly opportunityId: string };
};
