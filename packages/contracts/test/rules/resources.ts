import type { DescMessage, DescMethod } from "@bufbuild/protobuf";
import { resourceRules } from "@keynode/contracts/descriptors";
import { type Contract, fieldOf, nameOf, rulesFor, validationOf } from "../contract.ts";
import type { Rules } from "./rule.ts";

const standardFields = ["id", "owner_id", "team_id", "create_time", "update_time", "delete_time", "etag"];

/** What the tenant has added to them stands in one place for all. */
const isCustomFields = (name: string, number: number): boolean => name === "custom_fields" && number === 8;

/** The only resources whose records are their parents'. */
const children = [
  "crm.account.v1.Contact",
  "crm.account.v1.KeyNode",
  "crm.contract.v1.Round",
  "crm.engagement.v1.Behaviour",
  "crm.service.v1.Cover",
];

/** Rows of projections: they follow what they were made of by its own events. */
const projected = ["crm.service.v1.Cover"];

const rpc = ({ methods }: Contract, prefix: string, resource: DescMessage): DescMethod | undefined =>
  methods.find(({ name, output }) => name === `${prefix}${resource.name}` && output === resource);

const listOf = ({ methods }: Contract, resource: DescMessage): DescMethod | undefined =>
  methods.find(
    ({ name, output, input }) =>
      name.startsWith("List") &&
      output.fields.some(({ message }) => message === resource) &&
      fieldOf(input, "page_size") !== undefined,
  );

const deletable = (contract: Contract): readonly DescMessage[] =>
  contract.resources.filter((resource) => rpc(contract, "Delete", resource) !== undefined);

/** A resource's ownership; undefined where it says none, or parents that do not fit. */
const ownershipOf = (resource: DescMessage) => {
  try {
    return resourceRules(resource)?.ownership;
  } catch {
    return undefined;
  }
};

export const ofResources = {
  "begins with the seven standard fields and numbers its own from 10 on": ({ resources }) =>
    resources
      .filter(
        ({ fields }) =>
          !standardFields.every((name, index) => fields[index]?.name === name && fields[index].number === index + 1) ||
          fields.slice(standardFields.length).some(({ number, name }) => number < 10 && !isCustomFields(name, number)),
      )
      .map(nameOf),

  "has a type and a collection that no other has": ({ resources }) => {
    const rules = resources.map((resource) => ({ resource, ...resourceRules(resource) }));
    return rules
      .filter(
        ({ type = "", collection = "" }, index) =>
          !/^[a-z]+$/.test(type) ||
          !/^[a-z][A-Za-z]+$/.test(collection) ||
          rules.findIndex((each) => each.type === type || each.collection === collection) !== index,
      )
      .map(({ resource }) => nameOf(resource));
  },

  "says whose its records are": ({ resources }) =>
    resources
      .filter((resource) => {
        const ownership = ownershipOf(resource);
        return ownership === undefined || (ownership === "PARENT") !== children.includes(resource.typeName);
      })
      .map(nameOf),

  "that is a parent's names the parent by the id of a resource": ({ resources }) => {
    const parents = new Set(resources.map((resource) => `${resourceRules(resource)?.type}_id`));
    return resources
      .filter((resource) => resourceRules(resource)?.parentFields.some((name) => !parents.has(name)))
      .map(nameOf);
  },

  "can be handed over where somebody owns it, so that a user who leaves leaves nothing behind": (contract) =>
    contract.resources
      .filter(
        (resource) =>
          resourceRules(resource)?.ownership !== "FIXED" &&
          !projected.includes(resource.typeName) &&
          !contract.events.some(({ name }) => name === `${resource.name}Reassigned`),
      )
      .map(nameOf),

  "takes ids of its own type only": ({ resources }) =>
    resources
      .filter((resource) => {
        const id = fieldOf(resource, "id");
        const pattern = id && rulesFor(validationOf(id), "string").pattern;
        return typeof pattern !== "string" || !pattern.startsWith(`^${resourceRules(resource)?.type}_[0-7]`);
      })
      .map(nameOf),

  "that can be deleted can be had back, and is listed among the deleted on demand": (contract) =>
    deletable(contract)
      .filter((resource) => {
        const list = listOf(contract, resource);
        return (
          rpc(contract, "Undelete", resource) === undefined ||
          list === undefined ||
          fieldOf(list.input, "show_deleted") === undefined
        );
      })
      .map(nameOf),

  "that can be deleted is so under its own path, softly": (contract) =>
    deletable(contract)
      .filter((resource) => {
        const collection = `/v1/${resourceRules(resource)?.collection}`;
        const routeOf = (prefix: string): string => {
          const rule = contract.routed.find(({ method }) => method === rpc(contract, prefix, resource))?.rule;
          return `${rule?.verb} ${rule?.path}`;
        };
        return (
          routeOf("Delete") !== `DELETE ${collection}/{id}` ||
          routeOf("Undelete") !== `POST ${collection}/{id}:undelete`
        );
      })
      .map(nameOf),
} as const satisfies Rules;
