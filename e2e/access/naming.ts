import type { DescField, JsonObject, JsonValue } from "@bufbuild/protobuf";
import type { ReferenceRules } from "@keynode/contracts/descriptors";
import type { MarkedFields } from "@keynode/grpc/brought";
import { type ReferencePlaces, referencePlaces } from "@keynode/grpc/references";
import { collections, type Row, rows } from "./rows.ts";

/** One field by which an rpc names another record. */
export type Naming = {
  readonly row: Row;
  /** `crm.task.v1.TaskService/CreateTask task.account_id`. */
  readonly title: string;
  /** Leads to the field from the request. */
  readonly path: readonly DescField[];
  readonly reference: ReferenceRules;
  /** Of an rpc on a record: the collection that it is of, and of one that makes some. */
  readonly collection: string;
};

const pathsIn = (
  { own, inner }: MarkedFields<ReferenceRules>,
  above: readonly DescField[],
): { path: readonly DescField[]; reference: ReferenceRules }[] => [
  ...own.map(({ field, mark: reference }) => ({ path: [...above, field], reference })),
  ...inner.flatMap(({ field, plan }) => pathsIn(plan, [...above, field])),
];

const placesOf = ({ method, rules }: Row): ReferencePlaces | undefined => referencePlaces(method, rules, "requests");

/** Every field by which any command names another record, from the descriptors. */
export const namings: readonly Naming[] = rows
  .filter(({ rules }) => !rules.internal)
  .flatMap((row) => {
    const places = placesOf(row);
    const collection = "resource" in row.shape ? (collections.get(row.shape.resource)?.collection ?? "") : "";
    return (places === undefined ? [] : pathsIn(places.plan, [])).map(({ path, reference }) => ({
      row,
      path,
      reference,
      collection,
      title: `${row.name} ${path.map(({ name }) => name).join(".")}`,
    }));
  });

/** The custom field that the test's tenant has given each collection: it holds the id of an account. */
export const customKey = "matrixAccount";

/** What a message in a list needs besides the id that it names. */
const parts: Readonly<Record<string, JsonObject>> = {
  "crm.contract.v1.Line": { quantity: 1, unitPrice: { currencyCode: "CNY", units: "1" } },
};

/** The resources by the full names of their messages. */
const carriers: ReadonlySet<string> = new Set([...collections.values()].map(({ typeName }) => typeName));

/** A request that names `id` at a path; the resource that it carries has `fields` besides. */
export const naming = ([field, ...rest]: readonly DescField[], id: string, fields: JsonObject): JsonObject => {
  if (field === undefined) return {};
  if (rest.length === 0) return { [field.jsonName]: field.fieldKind === "list" ? [id] : id };
  const typeName = field.message?.typeName ?? "";
  const besides = carriers.has(typeName) ? fields : parts[typeName];
  return { [field.jsonName]: wrapped(field, { ...besides, ...naming(rest, id, fields) }) };
};

const wrapped = ({ fieldKind }: DescField, value: JsonObject): JsonValue => {
  if (fieldKind === "map") return { [customKey]: value };
  return fieldKind === "list" ? [value] : value;
};
