import { type DomainError, isDomainError } from "@keynode/decider/domain-error";
import type { TeamState } from "../domain/team/team.ts";
import type { Operation } from "./patch-operations.ts";
import { base } from "./scim-answer.ts";
import { isObject, type Json, type JsonObject, valueOf } from "./scim-json.ts";
import { pathInvalid, valuesInvalid } from "./scim-refusal.ts";

export const groupSchema = "urn:ietf:params:scim:schemas:core:2.0:Group";

/** A user in a group, as far as a group tells. */
export type Member = { readonly id: string; readonly name: string };

/** What SCIM may write of a group. */
export type GroupDraft = {
  readonly displayname: Json | undefined;
  readonly externalid: Json | undefined;
  /** The users who are to be in it, instead of those who are; undefined where the client says nothing. */
  readonly members: readonly string[] | undefined;
  /** Users who come in and go out, in this order, after `members`. */
  readonly moves: readonly { readonly userId: string; readonly isIn: boolean }[];
};

/** A group as SCIM shows it; `members` undefined where the client does not want them. */
export const groupResource = (team: TeamState, version: number, members: readonly Member[] | undefined) => ({
  schemas: [groupSchema],
  id: team.id,
  ...(team.externalKey !== "" && { externalId: team.externalKey }),
  displayName: team.name,
  ...(members !== undefined && {
    members: members.map(({ id, name }) => ({ value: id, display: name, type: "User", $ref: `${base}/Users/${id}` })),
  }),
  meta: {
    resourceType: "Group",
    created: team.createTime?.toISOString(),
    lastModified: team.updateTime?.toISOString(),
    location: `${base}/Groups/${team.id}`,
    version: `"${version}"`,
  },
});

export const groupDraftOf = ({ name, externalKey }: TeamState): GroupDraft => ({
  displayname: name,
  externalid: externalKey,
  members: undefined,
  moves: [],
});

/** What a whole resource gives. Errors: SCIM_VALUE_INVALID. */
export const groupDraftIn = (body: JsonObject): GroupDraft | DomainError => {
  const members = memberIds(valueOf(body, "members") ?? []);
  return members === undefined
    ? valuesInvalid(["members"])
    : {
        displayname: valueOf(body, "displayName"),
        externalid: valueOf(body, "externalId"),
        members,
        moves: [],
      };
};

/** The draft after a PATCH's operations. Errors: SCIM_PATH_INVALID, SCIM_VALUE_INVALID. */
export const patchedGroup = (before: GroupDraft, operations: readonly Operation[]): GroupDraft | DomainError => {
  let draft = before;
  for (const operation of operations) {
    const next = patched(draft, operation);
    if (isDomainError(next)) return next;
    draft = next;
  }
  return draft;
};

const patched = (draft: GroupDraft, { kind, path, value }: Operation): GroupDraft | DomainError => {
  const { attribute, sub, values } = path;
  if (attribute === "id" || attribute === "schemas" || attribute === "meta") return draft;
  if (attribute === "displayname" || attribute === "externalid") {
    if (sub !== "" || values !== undefined) return pathInvalid(attribute);
    return { ...draft, [attribute]: kind === "remove" ? undefined : value };
  }
  if (attribute !== "members" || (sub !== "" && sub !== "value")) return pathInvalid(attribute);
  if (values !== undefined) {
    const { path: compared, value: userId } = values;
    if (compared.attribute !== "value" || typeof userId !== "string") return pathInvalid("members");
    return { ...draft, moves: [...draft.moves, { userId, isIn: kind !== "remove" }] };
  }
  // Without values, a removal takes everybody out.
  if (kind === "remove" && value === undefined) return { ...draft, members: [], moves: [] };
  const userIds = memberIds(value);
  if (userIds === undefined) return valuesInvalid(["members"]);
  if (kind === "replace") return { ...draft, members: userIds, moves: [] };
  const isIn = kind === "add";
  return { ...draft, moves: [...draft.moves, ...userIds.map((userId) => ({ userId, isIn }))] };
};

/** Members are objects with a `value`; a list of one may come without the list. */
const memberIds = (value: Json | undefined): string[] | undefined => {
  const listed: readonly Json[] = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
  const ids = listed.map((each) => (isObject(each) ? valueOf(each, "value") : each));
  return ids.every((id) => typeof id === "string") ? [...new Set(ids)] : undefined;
};

/** Errors: SCIM_VALUE_INVALID naming every place. */
export const groupFactsOf = ({
  displayname,
  externalid,
}: GroupDraft): { name: string; externalKey: string } | DomainError => {
  const wrong: string[] = [];
  const text = (value: Json | undefined, name: string, isNeeded: boolean): string => {
    const given = value === undefined || value === null ? "" : value;
    if (typeof given === "string" && given.trim().length <= 200 && (given.trim() !== "" || !isNeeded))
      return given.trim();
    wrong.push(name);
    return "";
  };
  const facts = { name: text(displayname, "displayName", true), externalKey: text(externalid, "externalId", false) };
  return wrong.length > 0 ? valuesInvalid(wrong) : facts;
};

/** Who comes in and who goes out, given who is in. */
export const movesOf = (
  { members, moves }: GroupDraft,
  present: ReadonlySet<string>,
): { readonly joining: string[]; readonly leaving: string[] } => {
  const wanted = new Set(members ?? present);
  for (const { userId, isIn } of moves) {
    if (isIn) wanted.add(userId);
    else wanted.delete(userId);
  }
  return {
    joining: [...wanted].filter((id) => !present.has(id)),
    leaving: [...present].filter((id) => !wanted.has(id)),
  };
};
