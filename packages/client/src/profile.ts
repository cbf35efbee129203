import type { Problem } from "./errors.ts";

/** A part of a profile, or why it is missing: the caller may not see it, or its service is down. */
export type ProfilePart<Part> = Part | { readonly error: Problem };

/** The first rows of a list, and the token that leads on in the list's own method. */
export type ProfileSection<Row> = { readonly items: Row[]; readonly nextPageToken?: string };
