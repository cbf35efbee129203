import type { Visibility } from "@keynode/auth/visibility";
import type { Document } from "mongodb";

/** Whose records a report counts. */
export type Scope = { readonly tenant: string; readonly visibility: Visibility };

/** What records match that the caller may see, are not deleted, and have these values; empty ones ask for nothing. */
export const inScope = ({ tenant, visibility }: Scope, wanted: Readonly<Record<string, string>>): Document => ({
  tenant,
  deleted: { $exists: false },
  $and: [
    seen(visibility),
    ...Object.entries(wanted).flatMap(([field, value]) => (value === "" ? [] : [{ [field]: value }])),
  ],
});

const seen = (visibility: Visibility): Document => {
  if (visibility.kind === "all") return {};
  const { ownerId, shared } = visibility;
  const ways: Document[] = [
    { ownerId },
    ...(visibility.kind === "team" ? [{ teamId: { $in: [...visibility.teamIds] } }] : []),
    ...(shared === undefined ? [] : [{ _id: { $in: [...shared] } }]),
  ];
  return { $or: ways };
};
