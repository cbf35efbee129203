import type { DescField, DescMessage, DescMethod } from "@bufbuild/protobuf";
import { methodRules, resourceRules } from "@keynode/contracts/descriptors";
import { answered, type Contract, fieldOf, nameOf, rulesFor, validationOf, variables } from "../contract.ts";
import type { Rules } from "./rule.ts";

/** A service has few projections: the one list that is never paged. */
const unpaged = ["ListProjections"];

/** Lists whose rows belong on a customer's profile. */
const profileSections = [
  "behaviours",
  "cases",
  "contacts",
  "contracts",
  "keyNodes",
  "opportunities",
  "purchases",
  "tasks",
];

/** AIP-217: a list may say besides whom it could not ask. */
const listed = ({ fields }: DescMessage): readonly DescField[] => fields.filter(({ name }) => name !== "unreachable");

const named = ({ methods }: Contract, prefix: string): readonly DescMethod[] =>
  methods.filter((method) => method.name.startsWith(prefix) && methodRules(method)?.internal === false);

export const ofStandardMethods = {
  "lists by pages, with a filter, and answers one repeated field and a token": (contract) =>
    named(contract, "List")
      .filter((method) => !unpaged.includes(method.name))
      .filter(
        ({ input, output }) =>
          !["page_size", "page_token", "filter"].every((name) => fieldOf(input, name) !== undefined) ||
          fieldOf(output, "next_page_token") === undefined ||
          listed(output).filter((each) => each.fieldKind === "list").length !== 1 ||
          listed(output).length !== 2,
      )
      .map(nameOf),

  "gets with a mask of the fields to read": (contract) =>
    named(contract, "Get")
      .filter((method) => answered(method) && fieldOf(method.input, "read_mask") === undefined)
      .map(nameOf),

  "creates and updates by carrying the resource first": (contract) =>
    [...named(contract, "Create"), ...named(contract, "Update")]
      .filter(({ input, name }) => {
        const [carried] = input.fields;
        const isFirst = carried?.number === 1 && contract.resources.some((resource) => resource === carried.message);
        return !isFirst || (name.startsWith("Update") && fieldOf(input, "update_mask")?.number !== 2);
      })
      .map(nameOf),

  "creates in batches of at most 1,000, with one result for each request": (contract) =>
    named(contract, "BatchCreate")
      .filter(({ input, output }) => {
        const requests = fieldOf(input, "requests");
        const bounds = requests && rulesFor(validationOf(requests), "repeated");
        const result = fieldOf(output, "results")?.message;
        return bounds?.maxItems !== "1000" || result?.fields[1]?.message?.typeName !== "google.rpc.Status";
      })
      .map(nameOf),

  "acts on one record by its id and, if sent, its version, and answers the record": ({ routed }) =>
    routed
      .filter(
        ({ rule, name }) => rule.verb !== "GET" && variables(rule)[0] === "id" && !name.startsWith("crm.chassis."),
      )
      .filter(
        ({ method }) =>
          fieldOf(method.input, "id")?.number !== 1 ||
          fieldOf(method.input, "etag")?.number !== 2 ||
          answered(method) === undefined,
      )
      .map(({ name }) => name),

  "lists by account where its rows belong on a customer's profile": ({ methods }) =>
    methods
      .filter((method) => {
        const profile = methodRules(method)?.profile;
        if (profile === undefined) return false;
        const rows = method.output.fields[0]?.message;
        return (
          !profileSections.includes(profile.section) ||
          !rows?.fields.some((each) => each.jsonName === profile.accountField)
        );
      })
      .map(nameOf),

  "fills each section of a customer's profile": ({ methods }) => {
    const filled = methods.map((method) => methodRules(method)?.profile?.section);
    return profileSections.filter((section) => filled.filter((each) => each === section).length !== 1);
  },

  "hands a record over by its owner and its team, and answers the record": ({ methods, routed }) =>
    methods
      .filter(({ name }) => name.startsWith("Reassign"))
      .filter((method) => {
        const resource = answered(method);
        const collection = resource && resourceRules(resource)?.collection;
        const route = routed.find((each) => each.method === method);
        return (
          resource === undefined ||
          route?.rule.path !== `/v1/${collection}/{id}:reassign` ||
          !["owner_id", "team_id"].every((name) => fieldOf(method.input, name) !== undefined)
        );
      })
      .map(nameOf),
} as const satisfies Rules;
