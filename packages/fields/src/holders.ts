import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { registry, resourceRules } from "@keynode/contracts/descriptors";

/** A collection whose records take custom fields: its message has a map of them. */
export type Holder = {
  readonly collection: string;
  readonly message: DescMessage;
  /** The names that its records' `status` and `stage` can have. */
  readonly stages: ReadonlySet<string>;
  /** Its stages are a tenant's own, known by their keys: `stageKey`. */
  readonly hasOwnStages: boolean;
};

const valueType = "crm.chassis.v1.CustomValue";

/** The field of a resource that holds the values of its custom fields; undefined where it takes none. */
export const customFieldsOf = (message: DescMessage): DescField | undefined =>
  message.fields.find((field) => field.fieldKind === "map" && field.message?.typeName === valueType);

let known: ReadonlyMap<string, Holder> | undefined;

/** Every collection of the contract that takes custom fields, by name: a resource opts in by having the map. */
export const holders = (): ReadonlyMap<string, Holder> => {
  known ??= new Map(
    [...registry()].flatMap((message) => {
      const collection = message.kind === "message" ? resourceRules(message)?.collection : undefined;
      if (message.kind !== "message" || collection === undefined || customFieldsOf(message) === undefined) return [];
      return [[collection, { collection, message, ...stagesOf(message) }] as const];
    }),
  );
  return known;
};

/** Fields that say how far a record is. */
const stageFields: ReadonlySet<string> = new Set(["status", "stage"]);

const stagesOf = (message: DescMessage): Pick<Holder, "stages" | "hasOwnStages"> => ({
  stages: new Set(
    message.fields.flatMap((field) =>
      field.fieldKind === "enum" && stageFields.has(field.name)
        ? field.enum.values.filter(({ number }) => number !== 0).map(({ name }) => name)
        : [],
    ),
  ),
  hasOwnStages: message.fields.some(({ name }) => name === "stage_key"),
});

/** What a record says of how far it is, in its message's words. */
export const stagesIn = (record: object): readonly string[] => {
  const { status, stage, stageKey } = record as Readonly<Record<"status" | "stage" | "stageKey", unknown>>;
  return [status, stage, stageKey].filter((each) => typeof each === "string");
};
