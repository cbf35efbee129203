import type { DescField } from "@bufbuild/protobuf";
import { fieldBehavior } from "@keynode/contracts/descriptors";
import { documentation } from "@keynode/contracts/documentation";
import type { Profile } from "@keynode/gateway/profile";
import { takesRawBody } from "@keynode/gateway/transcoder/request-message";
import { answerMessage, HTTP_BODY, type Route, variableNames } from "@keynode/gateway/transcoder/routes";
import { jsonNames } from "@keynode/gateway/openapi/message-schemas";
import { comment, contractText, header, importTypes, kebab } from "./text.ts";
import { type TypeWriter, valueNames } from "./types.ts";

/** The functions of one collection: a module of the client. */
export type Namespace = { readonly name: string; readonly file: string; readonly source: string };

type Member = { readonly name: string; readonly source: string };

/** What is served beside the API, such as the keys of tokens, is other protocols' business. */
const VERSION = "v1";

/** Query fields that would hide what every call takes. */
const TAKEN: ReadonlySet<string> = new Set([
  "signal",
  "timeoutMs",
  "requestId",
  "consistency",
  "ifMatch",
  "idempotencyKey",
  "validateOnly",
]);

/** One module for each collection of the contract, its members in the order of the contract. */
export const namespacesOf = (
  routes: readonly Route[],
  profile: Profile | undefined,
  types: TypeWriter,
): Namespace[] => {
  const primary = routes.filter((route) => route.isPrimary && literals(route)[0] === VERSION);
  const groups = Map.groupBy(primary, collectionOf);
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, own]) => {
      const members = named(own).map(([route, member]) => memberOf(route, member, types));
      if (profile && collectionOf(profile.get) === name) members.push(profileMember(profile, types));
      const services = new Set(own.map(({ method }) => method.parent));
      const text = [...services].map((service) => jsonNames(documentation(service))).join("\n\n");
      return { name, file: kebab(name), source: moduleOf(name, text, members, types) };
    });
};

const literals = ({ template }: Route): string[] =>
  template.segments.flatMap((segment) => (segment.kind === "literal" ? [segment.text] : []));

/** The first word behind the version: `/v1/leads/{id}` → `leads`. */
const collectionOf = (route: Route): string => {
  const [, collection] = literals(route);
  if (collection === undefined) throw new Error(`${route.name} has no collection in its path`);
  return collection;
};

const STANDARD: Readonly<Record<string, string>> = {
  POST: "create",
  PATCH: "update",
  DELETE: "delete",
  PUT: "replace",
};

/** Routes with what they are called. Where one record's verb is the whole collection's, too, the latter is called as its rpc. */
const named = (routes: readonly Route[]): (readonly [Route, string])[] => {
  const names = routes.map(wordOf);
  return routes.map((route, index) => {
    const name = names[index] ?? "";
    const isShared = names.filter((one) => one === name).length > 1;
    return [route, isShared && route.variables.length === 0 ? route.method.localName : name];
  });
};

/** What the path says where it names one collection; deeper paths are called as their rpc is. */
const wordOf = (route: Route): string => {
  const { template, verb, method } = route;
  if (literals(route).length > 2) return method.localName;
  if (template.verb !== "") return template.verb;
  if (verb !== "GET") return STANDARD[verb] ?? method.localName;
  return method.name.startsWith("List") ? "list" : "get";
};

const moduleOf = (name: string, text: string, members: readonly Member[], types: TypeWriter): string => {
  const names = members.map((member) => member.name);
  const twice = names.find((one, index) => names.indexOf(one) !== index);
  if (twice !== undefined) throw new Error(`${name} would have two functions ${twice}`);
  const source = members.map((member) => member.source).join("\n");
  const code = source.replace(/\/\*\*[^]*?\*\//g, "");
  const used = (code.match(/\w+/g) ?? []).filter((word) => types.fileOf(word) !== undefined);
  const imports = [...Map.groupBy(used, (type) => types.fileOf(type))].sort(([a = ""], [b = ""]) => (a < b ? -1 : 1));
  const options = ["Content", "ReadOptions", "WriteOptions"].filter((type) => new RegExp(`\\b${type}\\b`).test(code));
  const values = [...valueNames(code), ...["Masked", "Patch"].filter((type) => code.includes(`${type}<`))];
  const own = (names: readonly string[], from: string): string =>
    importTypes(
      names.filter((type) => code.includes(`${type}<`)),
      from,
    );
  return `${header}${importTypes(["Client", ...options], "../client.ts")}${own(["Pages"], "../pages.ts")}${own(["ProfilePart", "ProfileSection"], "../profile.ts")}${imports
    .map(([file, held]) => importTypes(held, `../types/${file}.ts`))
    .join("")}${importTypes(values, "../values.ts")}
${comment(text)}export const ${name} = (client: Client) => ({
${source}});
`;
};

const memberOf = (route: Route, name: string, types: TypeWriter): Member => {
  const { method, verb, body, rules, variables } = route;
  const names = variableNames(route);
  const taken = new Set<DescField>(variables.flatMap((fields) => fields));
  if (typeof body === "object") taken.add(body);
  const rest = method.input.fields.filter((field) => !taken.has(field));
  const isRead = verb === "GET";
  const parameters = names.map((name) => `${name}: string`);
  const inBody = body === "*";
  const isRaw = takesRawBody(route);

  let sent = "";
  if (isRaw) {
    parameters.push("content: Content", "contentType: string");
    sent = "body: content, contentType";
  } else if (typeof body === "object") {
    const given = verb === "PATCH" ? "changes" : "fields";
    parameters.push(`${given}: ${bodyType(route, body, types)}`);
    sent = `body: ${given}`;
  } else if (inBody && rest.length > 0) {
    const isNeeded = rest.some((field) => isRequired(field));
    parameters.push(`request: ${types.part(method.input, rest)}${isNeeded ? "" : " = {}"}`);
    sent = "body: request";
  } else if (inBody) {
    sent = "body: {}";
  }

  const query = inBody ? [] : rest;
  const clash = query.find((field) => TAKEN.has(field.jsonName));
  if (clash) throw new Error(`${method.name} has a query field ${clash.jsonName}, which every call takes itself`);
  const base = isRead ? "ReadOptions" : "WriteOptions";
  const mask = query.find(({ name, message }) => name === "read_mask" && message?.name === "FieldMask");
  const named = query.filter((field) => field !== mask);
  const asked = named.length > 0 ? `${types.part(method.input, named)} & ` : "";
  const options = `${asked}${mask ? "{ readMask?: Mask } & " : ""}${base}`;
  const needsOptions = query.some((field) => isRequired(field));
  parameters.push(`options${needsOptions ? "" : "?"}: ${options}`);

  const operation = [
    `verb: "${verb}"`,
    `path: ${pathOf(route, names)}`,
    sent,
    rules.effect === "CREDENTIAL" ? "isCredential: true" : "",
    rules.public ? "isPublic: true" : "",
  ].filter(Boolean);
  const generic = mask ? "<Mask extends string | undefined = undefined>" : "";
  const answer = answerOf(route, types, mask !== undefined, operation.join(", "));
  const note = mask ? "\n\nWith a `readMask` only the fields it names are there: commas between names." : "";
  const source = `${comment(contractText(method) + note, "  ")}  ${name}: ${generic}(${parameters.join(", ")}): ${answer.type} =>\n    ${answer.call},\n`;
  return { name, source };
};

const isRequired = (field: DescField): boolean => fieldBehavior(field).includes("REQUIRED");

const bodyType = (route: Route, body: DescField, types: TypeWriter): string => {
  if (body.fieldKind !== "message") return types.field(body);
  const input = types.input(body.message);
  return route.verb === "PATCH" ? `Patch<${input}>` : input;
};

/** A template literal where the path has variables, each encoded. */
const pathOf = ({ template, name }: Route, names: readonly string[]): string => {
  const parts: string[] = [];
  for (const [index, segment] of template.segments.entries()) {
    const at = template.variables.findIndex(({ from }) => from === index);
    const variable = template.variables[at];
    if (segment.kind === "literal") parts.push(segment.text);
    else if (variable?.to === index + 1) parts.push(`\${encodeURIComponent(${names[at]})}`);
    else throw new Error(`${name}: variables of several segments are not offered by the client`);
  }
  const path = `/${parts.join("/")}${template.verb === "" ? "" : `:${template.verb}`}`;
  return names.length > 0 ? `\`${path}\`` : JSON.stringify(path);
};

/** The rows of a paged list; undefined for any other answer. */
const rowsOf = ({ verb, method: { input, output } }: Route): DescField | undefined => {
  const isPaged = verb === "GET" && input.fields.some(({ name }) => name === "page_token");
  return isPaged ? output.fields.find(({ fieldKind, message }) => fieldKind === "list" && message) : undefined;
};

const answerOf = (
  route: Route,
  types: TypeWriter,
  isMasked: boolean,
  operation: string,
): { type: string; call: string } => {
  const { method, responseBody } = route;
  const shown = answerMessage(route);
  if (shown?.typeName === HTTP_BODY) {
    return { type: "Promise<Response>", call: `client.raw({ ${operation} }, options)` };
  }
  if (method.methodKind === "server_streaming") {
    const message = types.message(method.output);
    return { type: `AsyncIterable<${message}>`, call: `client.stream({ ${operation} }, options)` };
  }
  if (responseBody)
    return { type: `Promise<${types.field(responseBody)}>`, call: `client.call({ ${operation} }, options)` };
  const rows = rowsOf(route);
  const answer = types.message(method.output);
  if (rows?.message) {
    const row = types.message(rows.message);
    const masked = isMasked ? `Masked<${row}, Mask>` : row;
    const page = isMasked ? `Omit<${answer}, "${rows.jsonName}"> & { ${rows.jsonName}: ${masked}[] }` : answer;
    return {
      type: `Pages<${page}, ${masked}>`,
      call: `client.list(${/path: (.*)$/.exec(operation)?.[1] ?? ""}, "${rows.jsonName}", options)`,
    };
  }
  return {
    type: `Promise<${isMasked ? `Masked<${answer}, Mask>` : answer}>`,
    call: `client.call({ ${operation} }, options)`,
  };
};

/** The profile is composed by the gateway and is no rpc: what it holds comes from the List methods that opted in. */
const profileMember = ({ get, sections }: Profile, types: TypeWriter): Member => {
  const parts = sections.map(({ name, rows }) => {
    const row = rows.message ? types.message(rows.message) : "never";
    return `      ${name}: ProfilePart<ProfileSection<${row}>>;\n`;
  });
  const [id = "id"] = variableNames(get);
  const subject = types.message(get.method.output);
  const text = `Shows everything that concerns it in one answer: itself, and the first rows of each list. A part that is\nrefused, or whose service is down, holds its problem instead.`;
  const source = `${comment(text, "  ")}  profile: (
    ${id}: string,
    options?: ReadOptions,
  ): Promise<{
    account: ProfilePart<${subject}>;
    sections: {
${parts.join("")}    };
  }> => client.call({ verb: "GET", path: ${pathOf(get, [id]).replace(/`$/, ":profile`")} }, options),\n`;
  return { name: "profile", source };
};
