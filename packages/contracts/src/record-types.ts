import type { DescMessage } from "@bufbuild/protobuf";
import { registry, type ResourceRules, resourceRules } from "./descriptors.ts";

/** A resource of the contract, and the service that keeps its records; undefined of those that every service keeps. */
export type RecordType = { readonly rules: ResourceRules; readonly name: string; readonly service: string | undefined };

/** The service that keeps the records of a resource; undefined of what every service keeps. */
export const keeperOf = ({ file }: DescMessage): string | undefined => {
  const [, context] = file.proto.package.split(".");
  return context === "chassis" ? undefined : context;
};

let byType: ReadonlyMap<string, RecordType> | undefined;

/** The resources by their types, with which the ids of their records begin: `lead`. */
export const recordTypes = (): ReadonlyMap<string, RecordType> =>
  (byType ??= new Map(
    [...registry()].flatMap((message) => {
      const rules = message.kind === "message" ? resourceRules(message) : undefined;
      if (message.kind !== "message" || rules === undefined) return [];
      return [[rules.type, { rules, name: message.name, service: keeperOf(message) }] as const];
    }),
  ));

/** The type of the record that an id is of; one of no resource where the id is malformed. */
export const typeOfId = (id: string): string => id.slice(0, Math.max(id.lastIndexOf("_"), 0));

/** What the record with this id is; undefined where the id is of no resource. */
export const recordTypeOf = (id: string): RecordType | undefined => recordTypes().get(typeOfId(id));

/** The permission by which the records of a collection are read. */
export const readPermission = (collection: string): string => `${collection}.read`;
