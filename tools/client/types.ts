import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { fieldBehavior, resourceRules } from "@keynode/contracts/descriptors";
import { documentation } from "@keynode/contracts/documentation";
import { jsonNames } from "@keynode/gateway/openapi/message-schemas";
import { comment, contractText, header, importTypes } from "./text.ts";

/** Types that `packages/client/src/values.ts` has by hand, by the message they stand for. */
const VALUES: Readonly<Record<string, string>> = {
  "google.protobuf.Timestamp": "Timestamp",
  "google.protobuf.Duration": "Duration",
  "google.protobuf.FieldMask": "FieldMask",
  "google.protobuf.Any": "AnyMessage",
  "google.protobuf.Value": "Json",
  "google.protobuf.Struct": "{ [name: string]: Json }",
  "google.protobuf.ListValue": "Json[]",
  "google.protobuf.Empty": "Record<string, never>",
  "google.protobuf.StringValue": "string",
  "google.protobuf.BoolValue": "boolean",
  "google.protobuf.Int32Value": "number",
  "google.protobuf.UInt32Value": "number",
  "google.protobuf.Int64Value": "Int64",
  "google.protobuf.UInt64Value": "Int64",
  "google.protobuf.DoubleValue": "number",
  "google.protobuf.FloatValue": "number",
  "google.protobuf.BytesValue": "Base64",
  "google.type.Money": "Money",
  "google.type.Date": "CalendarDate",
  "google.rpc.Status": "RpcStatus",
};

const VALUE_NAMES = /\b(Timestamp|Duration|FieldMask|AnyMessage|Json|Int64|Base64|Money|CalendarDate|RpcStatus)\b/g;

/** The names of `values.ts` in a piece of source. */
export const valueNames = (source: string): string[] => source.match(VALUE_NAMES) ?? [];

const SCALARS: Readonly<Record<ScalarType, string>> = {
  [ScalarType.DOUBLE]: "number",
  [ScalarType.FLOAT]: "number",
  [ScalarType.INT64]: "Int64",
  [ScalarType.SINT64]: "Int64",
  [ScalarType.SFIXED64]: "Int64",
  [ScalarType.UINT64]: "Int64",
  [ScalarType.FIXED64]: "Int64",
  [ScalarType.INT32]: "number",
  [ScalarType.SINT32]: "number",
  [ScalarType.SFIXED32]: "number",
  [ScalarType.UINT32]: "number",
  [ScalarType.FIXED32]: "number",
  [ScalarType.BOOL]: "boolean",
  [ScalarType.STRING]: "string",
  [ScalarType.BYTES]: "Base64",
};

/** How a message is shown: as a part of others, as a request, or as an answer whole, whose lists are never left out. */
type Form = "record" | "request" | "answer";

export type TypeWriter = {
  /** The name of a message's interface, which is written with all that it needs. */
  readonly message: (desc: DescMessage) => string;
  /** What a caller may send of a resource: `LeadInput`. */
  readonly input: (desc: DescMessage) => string;
  /** An interface of some of a request's fields. */
  readonly part: (desc: DescMessage, fields: readonly DescField[]) => string;
  /** The type of a field's value. */
  readonly field: (field: DescField) => string;
  /** Which file, without its ending, holds a name; undefined for what was never asked for. */
  readonly fileOf: (name: string) => string | undefined;
  /** What was asked for, by file. */
  readonly files: () => ReadonlyMap<string, string>;
};

type Declaration = { readonly file: string; readonly source: string; readonly uses: ReadonlySet<string> };

const formOf = ({ name }: DescMessage): Form => {
  if (name.endsWith("Response")) return "answer";
  return name.endsWith("Request") ? "request" : "record";
};

/** The fields that every stored record has: on answers they are there unless a read mask left them out. */
const ALWAYS_SET: ReadonlySet<string> = new Set(["id", "create_time", "update_time", "etag"]);

/** Names messages by their path, `Lead.Status` as `LeadStatus`. Throws when two are called the same. */
export const createTypeWriter = (): TypeWriter => {
  const declarations = new Map<string, Declaration>();
  const holders = new Map<string, string>();

  const declare = (
    name: string,
    { file, typeName }: DescMessage | DescEnum,
    key: string,
    write: (use: (used: string) => string) => string,
  ): string => {
    const holder = `${typeName} ${key}`;
    const known = holders.get(name);
    if (known !== undefined && known !== holder) throw new Error(`${name} would be both ${known} and ${holder}`);
    if (known !== undefined) return name;
    holders.set(name, holder);
    const uses = new Set<string>();
    const source = write((used) => {
      if (holders.has(used)) uses.add(used);
      return used;
    });
    declarations.set(name, { file: file.proto.package.split(".")[1] ?? "", source, uses });
    return name;
  };

  const nameOf = ({ typeName, file }: DescMessage | DescEnum): string =>
    typeName.slice(file.proto.package.length + 1).replaceAll(".", "");

  const enumeration = (desc: DescEnum): string =>
    declare(nameOf(desc), desc, "", () => {
      const values = desc.values.filter(({ number, name }) => number !== 0 || !name.endsWith("_UNSPECIFIED"));
      const lines = values.map((value) => `- \`${value.jsonName}\`: ${jsonNames(documentation(value))}`);
      const text = [jsonNames(documentation(desc)), lines.join("\n")].filter(Boolean).join("\n\n");
      return `${comment(text)}export type ${nameOf(desc)} = ${values.map(({ jsonName }) => JSON.stringify(jsonName)).join(" | ")};\n`;
    });

  const single = (field: DescField, form: Form): string => {
    if (field.scalar !== undefined) return SCALARS[field.scalar];
    if (field.enum) return enumeration(field.enum);
    const { message: desc } = field;
    if (form === "request" && desc && resourceRules(desc)) return input(desc);
    return desc ? message(desc) : "unknown";
  };

  const valueOf = (one: DescField, form: Form): string => {
    const value = single(one, form);
    if (one.fieldKind === "list") return value.includes(" ") ? `(${value})[]` : `${value}[]`;
    return one.fieldKind === "map" ? `{ [key: string]: ${value} }` : value;
  };

  const isThere = (one: DescField, form: Form): boolean => {
    const { parent, name, fieldKind } = one;
    if (fieldBehavior(one).includes("REQUIRED")) return true;
    if (form === "answer") return fieldKind === "list";
    return form === "record" && resourceRules(parent) !== undefined && ALWAYS_SET.has(name);
  };

  const member = (one: DescField, form: Form, use: (used: string) => string): string => {
    const isReadOnly = form === "record" && fieldBehavior(one).includes("OUTPUT_ONLY");
    const value = valueOf(one, form);
    for (const used of value.match(/\w+/g) ?? []) use(used);
    const name = `${isReadOnly ? "readonly " : ""}${one.jsonName}${isThere(one, form) ? "" : "?"}`;
    return `${comment(contractText(one), "  ")}  ${name}: ${value};\n`;
  };

  const interfaceOf = (name: string, desc: DescMessage, fields: readonly DescField[], form: Form): string =>
    declare(name, desc, `${form} ${fields.map(({ number }) => number).join(" ")}`, (use) => {
      const members = fields.map((one) => member(one, form, use)).join("");
      return `${comment(contractText(desc))}export interface ${name} {\n${members}}\n`;
    });

  const message: TypeWriter["message"] = (desc) => {
    const value = VALUES[desc.typeName];
    if (value !== undefined) return value;
    if (!desc.typeName.startsWith("crm.")) throw new Error(`${desc.typeName} has no type in the client`);
    return interfaceOf(nameOf(desc), desc, desc.fields, formOf(desc));
  };

  const input: TypeWriter["input"] = (desc) => {
    const record = message(desc);
    const name = `${record}Input`;
    return declare(name, desc, "input", (use) => {
      const outputs = desc.fields.filter((one) => {
        const behavior = fieldBehavior(one);
        return behavior.includes("OUTPUT_ONLY") || behavior.includes("IDENTIFIER") || one.name === "etag";
      });
      const text = `What a caller may say of a record; for the fields see \`${record}\`.`;
      return `${comment(text)}export type ${name} = Omit<\n  ${use(record)},\n  ${outputs.map(({ jsonName }) => JSON.stringify(jsonName)).join(" | ")}\n>;\n`;
    });
  };

  return {
    message,
    input,
    part: (desc, fields) => interfaceOf(nameOf(desc), desc, fields, "request"),
    field: (one) => valueOf(one, "record"),
    fileOf: (name) => declarations.get(name)?.file,
    files: () => filesOf(declarations),
  };
};

const filesOf = (declarations: ReadonlyMap<string, Declaration>): ReadonlyMap<string, string> => {
  const byFile = Map.groupBy([...declarations], ([, { file }]) => file);
  return new Map(
    [...byFile].map(([file, entries]) => {
      const own = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
      const body = own.map(([, { source }]) => source).join("\n");
      const others = own.flatMap(([, { uses }]) => [...uses]).filter((name) => declarations.get(name)?.file !== file);
      const foreign = Map.groupBy(others, (name) => declarations.get(name)?.file ?? "");
      const imports = [...foreign]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([from, names]) => importTypes(names, `./${from}.ts`));
      const values = importTypes(valueNames(body.replace(/\/\*\*[^]*?\*\//g, "")), "../values.ts");
      return [file, `${header}${imports.join("")}${values}\n${body}`] as const;
    }),
  );
};
