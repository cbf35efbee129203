import {
  type ListResourcesResult,
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
  type ResourceTemplateType,
} from "@modelcontextprotocol/server";
import { resourceRules } from "@keynode/contracts/descriptors";
import { isRefusal } from "../exchange.ts";
import { problemOf, type Refusal, refuse } from "../problem.ts";
import { JSON_TYPE } from "../transcoder/answer.ts";
import type { EndpointTools } from "../transcoder/endpoint.ts";
import { type Answered, createMethodCall, type MethodCall, type Visit } from "./method-call.ts";
import { PAGE_SIZE } from "./read-tool.ts";
import { isGranted } from "./served-tool.ts";
import type { Tool } from "./tool.ts";
import { NO_ARGUMENTS, type ToolArguments } from "./tool-arguments.ts";
import { MAX_ANSWER_LENGTH } from "./tool-result.ts";

/** Records as an agent names them: `keynode://leads/lead_01…`. */
export type Resources = {
  readonly templates: (visit: Visit) => ResourceTemplateType[];
  /**
   * One page of the records that the caller may see, collection after collection. Collections that could not be read are
   * left out and named in its `_meta`. Throws a ProtocolError for a cursor that is none, when time is up, and when there
   * was nothing that could be read.
   */
  readonly list: (visit: Visit, cursor: string | undefined) => Promise<ListResourcesResult>;
  /** Throws a ProtocolError where there is nothing to read, or the caller may not. */
  readonly read: (visit: Visit, uri: string) => Promise<ReadResourceResult>;
};

/** What can be read by a URI of one shape. */
type Readable = {
  readonly name: string;
  readonly title: string;
  /** `keynode://leads/{id}`. */
  readonly template: string;
  readonly permission: string;
  readonly call: MethodCall;
};

type Listable = { readonly collection: string; readonly permission: string; readonly call: MethodCall };

/** A collection that could not be read. */
type Unlisted = { readonly collection: string; readonly refusal: Refusal };

/** What reads profiles, and the tool that shows their subject alone. */
export type ProfilePart = { readonly get: Tool; readonly title: string; readonly call: MethodCall };

const SCHEME = "keynode://";
const ID = "{id}";
/** The path's segments as a URI has them; ids of ours need no escapes. */
const RECORD_ID = /^[\w-]{1,128}$/;

/** Records of the collections that have a tool to show one; of the profile's subject, its profile too. */
export const createResources = (
  tools: readonly Tool[],
  calls: Pick<EndpointTools, "codec" | "invoker">,
  profile: ProfilePart | undefined,
): Resources => {
  const gets = tools.filter(({ isRead, route }) => isRead && resourceRules(route.method.output) !== undefined);
  const readables = gets.flatMap((tool): Readable[] => {
    const collection = collectionOf(tool);
    const { permission } = tool.route.rules;
    const template = `${SCHEME}${collection}/${ID}`;
    const record = { name: collection, title: tool.title, template, permission, call: createMethodCall(tool, calls) };
    if (profile?.get !== tool) return [record];
    const { title, call } = profile;
    return [record, { ...record, title, call, name: `${collection} profile`, template: `${template}/profile` }];
  });
  const listables = gets.flatMap((tool): Listable[] => {
    const lister = tools.find((one) => rowTypeOf(one) === tool.route.method.output.typeName);
    return lister === undefined
      ? []
      : [
          {
            collection: collectionOf(tool),
            permission: lister.route.rules.permission,
            call: createMethodCall(lister, calls),
          },
        ];
  });

  const page = async (visit: Visit, { call }: Listable, pageToken: string): Promise<Answered | Refusal> => {
    const value = new Map<string, string | number>([["pageSize", PAGE_SIZE]]);
    if (pageToken !== "") value.set("pageToken", pageToken);
    const message = call.encode(visit, { ...NO_ARGUMENTS, value });
    return Buffer.isBuffer(message) ? await call.send(visit, message) : message;
  };

  return {
    templates: (visit) =>
      readables
        .filter(({ permission }) => isGranted(visit, permission))
        .map(({ name, title, template }) => ({ name, title, uriTemplate: template, mimeType: JSON_TYPE })),
    list: async (visit, cursor) => {
      const open = listables.filter(({ permission }) => isGranted(visit, permission));
      const from = cursor === undefined ? { at: 0, pageToken: "" } : placeOf(cursor, open);
      const unlisted: Unlisted[] = [];
      for (let { at, pageToken } = from; at < open.length; at += 1, pageToken = "") {
        const listable = open[at];
        if (listable === undefined) break;
        const answer = await page(visit, listable, pageToken);
        if (isRefusal(answer)) {
          if (endsList(answer)) throw failure(visit, answer);
          // A service that is away takes only its own records with it.
          unlisted.push({ collection: listable.collection, refusal: answer });
          continue;
        }
        const resources = rowsOf(answer.json).map((row) => resourceOf(listable.collection, row));
        const next = answer.json["nextPageToken"];
        const further = typeof next === "string" && next !== "" ? cursorOf(listable, next) : cursorOf(open[at + 1], "");
        if (resources.length > 0) {
          return { resources, ...(further !== undefined && { nextCursor: further }), ...told(visit, unlisted) };
        }
      }
      const [first] = unlisted;
      if (first !== undefined && unlisted.length === open.length) throw failure(visit, first.refusal);
      return { resources: [], ...told(visit, unlisted) };
    },
    read: async (visit, uri) => {
      const found = readables.map((readable) => [readable, idIn(uri, readable.template)] as const);
      const [readable, id] = found.find(([, one]) => one !== undefined) ?? [];
      if (readable === undefined || id === undefined)
        throw failure(visit, refuse("NOT_FOUND", visit.exchange.locale), uri);
      const given: ToolArguments = { ...NO_ARGUMENTS, value: new Map([["id", id]]) };
      const message = readable.call.encode(visit, given);
      const answer = Buffer.isBuffer(message) ? await readable.call.send(visit, message) : message;
      if (isRefusal(answer)) throw failure(visit, answer, uri);
      if (answer.text.length > MAX_ANSWER_LENGTH) {
        const metadata = { limitCharacters: String(MAX_ANSWER_LENGTH) };
        throw failure(visit, refuse("ANSWER_TOO_LARGE", visit.exchange.locale, { metadata }), uri);
      }
      return { contents: [{ uri, mimeType: JSON_TYPE, text: answer.text }] };
    },
  };
};

const collectionOf = ({ route }: Tool): string => resourceRules(route.method.output)?.collection ?? "";

/** The message that a List tool's rows are. */
const rowTypeOf = ({ isRead, route }: Tool): string | undefined =>
  isRead && route.method.name.startsWith("List") && route.variables.length === 0
    ? route.method.output.fields.find(({ fieldKind }) => fieldKind === "list")?.message?.typeName
    : undefined;

const rowsOf = (json: Answered["json"]): readonly Answered["json"][] =>
  (Object.values(json).find(Array.isArray) ?? []) as Answered["json"][];

/** What a record is called, by the first of these that it has. */
const NAMES = ["name", "title", "subject", "number"] as const;

const resourceOf = (collection: string, row: Answered["json"]): ListResourcesResult["resources"][number] => {
  const text = (field: string): string => {
    const value = row[field];
    return typeof value === "string" ? value : "";
  };
  const id = text("id");
  return { uri: `${SCHEME}${collection}/${id}`, name: NAMES.map(text).find(Boolean) ?? id, mimeType: JSON_TYPE };
};

/** The id in a URI of that shape. */
const idIn = (uri: string, template: string): string | undefined => {
  const [head = "", tail = ""] = template.split(ID);
  const id = uri.startsWith(head) && uri.endsWith(tail) ? uri.slice(head.length, uri.length - tail.length) : "";
  return RECORD_ID.test(id) ? id : undefined;
};

/** Says where the next page begins: by the collection's name, which holds when tools come or rights change. */
const cursorOf = (listable: Listable | undefined, pageToken: string): string | undefined =>
  listable && Buffer.from(JSON.stringify([listable.collection, pageToken])).toString("base64url");

const placeOf = (cursor: string, open: readonly Listable[]): { readonly at: number; readonly pageToken: string } => {
  const [collection, pageToken] = partsOf(cursor);
  const at = open.findIndex((listable) => listable.collection === collection);
  if (at < 0 || pageToken === undefined) {
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, "This is no cursor of this list.");
  }
  return { at, pageToken };
};

const partsOf = (cursor: string): readonly [collection?: string, pageToken?: string] => {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    if (!Array.isArray(parts)) return [];
    const [collection, pageToken]: readonly unknown[] = parts;
    return typeof collection === "string" && typeof pageToken === "string" ? [collection, pageToken] : [];
  } catch {
    return [];
  }
};

/** A cursor that no page ended with is wrong for good, and time that is up is up for every collection. */
const endsList = ({ status }: Refusal): boolean => status === 400 || status === 504;

/** Where an agent finds the collections that a page leaves out, and why. */
const UNLISTED = "keynode/unlisted";

const told = ({ exchange }: Visit, unlisted: readonly Unlisted[]): Pick<ListResourcesResult, "_meta"> => {
  if (unlisted.length === 0) return {};
  const rows = unlisted.map(({ collection, refusal }) => ({
    collection,
    problem: problemOf(refusal, exchange.requestId, exchange.path),
  }));
  return { _meta: { [UNLISTED]: rows } };
};

/** The protocol has no tool errors for resources: the problem goes along with the protocol's own. */
const failure = ({ exchange }: Visit, refusal: Refusal, uri?: string): ProtocolError => {
  exchange.reason = refusal.reason;
  const problem = problemOf(refusal, exchange.requestId, exchange.path);
  return new ProtocolError(codeOf(refusal), refusal.detail, { ...(uri !== undefined && { uri }), problem });
};

const codeOf = ({ status }: Refusal): ProtocolErrorCode => {
  if (status === 404) return ProtocolErrorCode.ResourceNotFound;
  return status < 500 ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
};
