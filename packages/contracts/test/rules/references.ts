import type { DescField, DescMessage } from "@bufbuild/protobuf";
import {
  fieldBehavior,
  fieldRules,
  methodRules,
  type ReferenceRules,
  resourceRules,
} from "@keynode/contracts/descriptors";
import { type Contract, nameOf, rulesFor, validationOf, variables } from "../contract.ts";
import type { Rules } from "./rule.ts";

/** Whom a record is given to, and what is granted, has rules of its own. */
const directory = /^\^\(?(?:user|apikey|team|role)[|_)]/;

/** Ids that name no record of ours, or a part of the very record that the command is on. */
const noRecords: ReadonlySet<string> = new Set([
  "crm.contract.v1.RemoveClauseRequest.clause_id",
  "crm.contract.v1.ProposePositionRequest.clause_id",
  "crm.contract.v1.AcceptClauseRequest.clause_id",
  "crm.engagement.v1.Behaviour.visitor_id",
  "crm.identity.v1.IdentityProvider.client_id",
  "crm.lead.v1.SubmitFormRequest.visitor_id",
]);

/** What a command takes; those that its path binds are the record that it is on. */
const taken = ({ methods, routed }: Contract): readonly DescField[] => {
  const settable = (
    message: DescMessage,
    bound: readonly string[],
    above: readonly DescMessage[],
  ): readonly DescField[] =>
    above.includes(message)
      ? []
      : message.fields
          .filter((field) => !fieldBehavior(field).includes("OUTPUT_ONLY") && !bound.includes(field.name))
          .flatMap((field) => [field, ...(field.message ? settable(field.message, [], [...above, message]) : [])]);
  const found = methods
    .filter((method) => isCommand(method))
    .flatMap((method) => {
      const rule = routed.find((each) => each.method === method)?.rule;
      return settable(method.input, rule ? variables(rule) : [], []);
    });
  return [...new Set(found)];
};

const isCommand = (method: Contract["methods"][number]): boolean => {
  try {
    const rules = methodRules(method);
    return rules !== undefined && rules.effect !== "READ" && !rules.internal;
  } catch {
    return true;
  }
};

/** What a field names; undefined where it declares nothing, or half of it. */
const referenceOf = (field: DescField): ReferenceRules | undefined => {
  try {
    return fieldRules(field).reference;
  } catch {
    return undefined;
  }
};

const patternOf = (field: DescField): string => {
  const rules = validationOf(field);
  const items = rulesFor(rulesFor(rules, "repeated"), "items");
  const { pattern } = rulesFor(field.fieldKind === "list" ? items : rules, "string");
  return typeof pattern === "string" ? pattern : "";
};

export const ofReferences = {
  "says of which record, so that nobody names one that is out of reach": (contract) => {
    const types = new Set(contract.resources.map((resource) => resourceRules(resource)?.type));
    const namesRecord = (field: DescField): boolean =>
      /_ids?$/.test(field.name) || types.has(/^\^\(?([a-z]+)_/.exec(patternOf(field))?.[1] ?? "");
    return taken(contract)
      .filter((field) => field.name !== "id" && namesRecord(field) && referenceOf(field) === undefined)
      .filter((field) => !directory.test(patternOf(field)) && !noRecords.has(nameOf(field)))
      .map(nameOf);
  },

  "takes ids of that collection only": (contract) => {
    const types = new Map(contract.resources.map((it) => [resourceRules(it)?.collection, resourceRules(it)?.type]));
    return taken(contract)
      .filter((field) => {
        const collection = referenceOf(field)?.collection ?? "*";
        return collection !== "*" && !patternOf(field).startsWith(`^${types.get(collection)}_[0-7]`);
      })
      .map(nameOf);
  },

  "is of records that are read by the permission that reading is named after": (contract) => {
    const read = new Set(
      contract.methods.flatMap((method) => (method.name.startsWith("Get") ? [permissionOf(method)] : [])),
    );
    return taken(contract)
      .filter((field) => {
        const collection = referenceOf(field)?.collection ?? "*";
        return collection !== "*" && !read.has(`${collection}.read`);
      })
      .map(nameOf);
  },
} as const satisfies Rules;

const permissionOf = (method: Contract["methods"][number]): string => {
  try {
    return methodRules(method)?.permission ?? "";
  } catch {
    return "";
  }
};
