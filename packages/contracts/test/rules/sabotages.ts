import { create } from "@bufbuild/protobuf";
import {
  DescriptorProtoSchema,
  EnumDescriptorProtoSchema,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  MethodDescriptorProtoSchema,
  ServiceDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import {
  type ContractDraft,
  dropFieldBehavior,
  rewriteFieldRules,
  rewriteHttp,
  rewriteMethodRules,
  rewriteResourceRules,
  rewriteValidation,
} from "@keynode/contracts/testing";
import type { contractRules } from "./contract-rules.ts";

/** A change that breaks a rule, in the words of who makes it, and what the rule has to name then. */
export type Sabotage = {
  readonly by: string;
  readonly names: string;
  readonly change: (draft: ContractDraft) => void;
};

type All = typeof contractRules;
type Sabotages = {
  readonly [About in keyof All]: { readonly [Says in keyof All[About]]: readonly [Sabotage, ...Sabotage[]] };
};

const LEAD = "crm.lead.v1.Lead";
const GET = "crm.lead.v1.LeadService/GetLead";
const LIST = "crm.lead.v1.LeadService/ListLeads";
const CREATE = "crm.lead.v1.LeadService/CreateLead";
const UPDATE = "crm.lead.v1.LeadService/UpdateLead";
const DELETE = "crm.lead.v1.LeadService/DeleteLead";
const CONVERT = "crm.lead.v1.LeadService/ConvertLead";

/** Adds a text field to a message; numbered after all others, as one who adds a field does. */
const addText = (draft: ContractDraft, message: string, name: string): FieldDescriptorProto => {
  const proto = draft.message(message);
  const added = create(FieldDescriptorProtoSchema, {
    name,
    jsonName: name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    number: Math.max(...proto.field.map(({ number }) => number)) + 1,
    type: FieldDescriptorProto_Type.STRING,
    label: FieldDescriptorProto_Label.OPTIONAL,
  });
  proto.field.push(added);
  return added;
};

const removeField = (draft: ContractDraft, message: string, name: string): void => {
  const proto = draft.message(message);
  proto.field = proto.field.filter((field) => field.name !== name);
};

/** A new field of a lead that holds something about a person and does not say so. */
const unsaid = (name: string): Sabotage => ({
  by: `a lead's new field ${name}`,
  names: `${LEAD}.${name}`,
  change: (draft) => void addText(draft, LEAD, name),
});

export const sabotages = {
  "every method": {
    "declares what it does to data, and either a permission or that it is public": [
      {
        by: "no rules at all",
        names: GET,
        change: (draft) => rewriteMethodRules(draft.method(GET), () => undefined),
      },
      {
        by: "no permission",
        names: GET,
        change: (draft) => rewriteMethodRules(draft.method(GET), (rules) => ({ ...rules, permission: "" })),
      },
      {
        by: "no effect",
        names: GET,
        change: (draft) => rewriteMethodRules(draft.method(GET), ({ permission = "" }) => ({ permission })),
      },
      {
        by: "a permission that the public has",
        names: GET,
        change: (draft) => rewriteMethodRules(draft.method(GET), (rules) => ({ ...rules, public: true })),
      },
      {
        by: "a method of a service that is new",
        names: "crm.lead.v1.RaffleService/DrawRaffle",
        change: (draft) =>
          void draft.file("crm/lead/v1/lead_service.proto").service.push(
            create(ServiceDescriptorProtoSchema, {
              name: "RaffleService",
              method: [
                create(MethodDescriptorProtoSchema, {
                  name: "DrawRaffle",
                  inputType: ".crm.lead.v1.GetLeadRequest",
                  outputType: `.${LEAD}`,
                }),
              ],
            }),
          ),
      },
    ],
    "is reached over HTTP exactly when it is not internal": [
      { by: "no http rule", names: GET, change: (draft) => rewriteHttp(draft.method(GET), () => undefined) },
      {
        by: "an http rule of what only services may call",
        names: GET,
        change: (draft) => rewriteMethodRules(draft.method(GET), (rules) => ({ ...rules, internal: true })),
      },
    ],
    "reads by GET and by nothing else": [
      {
        by: "a GET that writes",
        names: GET,
        change: (draft) => rewriteMethodRules(draft.method(GET), (rules) => ({ ...rules, effect: "WRITE" })),
      },
      {
        by: "a POST that is said to read",
        names: CONVERT,
        change: (draft) => rewriteMethodRules(draft.method(CONVERT), (rules) => ({ ...rules, effect: "READ" })),
      },
    ],
    "has a route of its own": [
      {
        by: "a route that another service has, by another variable",
        names: GET,
        change: (draft) =>
          rewriteHttp(draft.method("crm.account.v1.AccountService/GetAccount"), () => ({ get: "/v1/leads/{lead_id}" })),
      },
    ],
    "asks for a permission named after its collection and what it does": [
      {
        by: "another collection's permission",
        names: CONVERT,
        change: (draft) =>
          rewriteMethodRules(draft.method(CONVERT), (rules) => ({ ...rules, permission: "accounts.convert" })),
      },
      {
        by: "a lesser permission",
        names: DELETE,
        change: (draft) =>
          rewriteMethodRules(draft.method(DELETE), (rules) => ({ ...rules, permission: "leads.read" })),
      },
    ],
    "binds its path and its body to fields that its request has": [
      {
        by: "a variable that is no field",
        names: GET,
        change: (draft) => rewriteHttp(draft.method(GET), () => ({ get: "/v1/leads/{lead_id}" })),
      },
      {
        by: "a body that is no field",
        names: CREATE,
        change: (draft) => rewriteHttp(draft.method(CREATE), (rule) => ({ ...rule, body: "prospect" })),
      },
      {
        by: "a verb without its body",
        names: CONVERT,
        change: (draft) => rewriteHttp(draft.method(CONVERT), (rule) => ({ ...rule, body: "" })),
      },
    ],
    "names the service, or a collection that one keeps, in its path when every service has it": [
      {
        by: "nothing that says whose dead letters",
        names: "crm.chassis.v1.DeadLetterService/ListDeadLetters",
        change: (draft) =>
          rewriteMethodRules(draft.method("crm.chassis.v1.DeadLetterService/ListDeadLetters"), (rules) => ({
            ...rules,
            serviceField: "",
          })),
      },
    ],
    "that is deprecated says since when, and stays for half a year at least": [
      {
        by: "a deprecation that says no more",
        names: GET,
        change: (draft) => {
          const { options } = draft.method(GET);
          if (options !== undefined) options.deprecated = true;
        },
      },
      {
        by: "an end in a month",
        names: GET,
        change: (draft) => {
          const method = draft.method(GET);
          if (method.options !== undefined) method.options.deprecated = true;
          const deprecation = { since: "2026-11-23", sunset: "2026-12-23", link: "/docs" };
          rewriteMethodRules(method, (rules) => ({ ...rules, deprecation }));
        },
      },
    ],
  },
  "a standard method": {
    "lists by pages, with a filter, and answers one repeated field and a token": [
      {
        by: "no token to go on",
        names: LIST,
        change: (draft) => removeField(draft, "crm.lead.v1.ListLeadsRequest", "page_token"),
      },
      {
        by: "an answer that holds more than the rows",
        names: LIST,
        change: (draft) => void addText(draft, "crm.lead.v1.ListLeadsResponse", "total"),
      },
    ],
    "gets with a mask of the fields to read": [
      { by: "no mask", names: GET, change: (draft) => removeField(draft, "crm.lead.v1.GetLeadRequest", "read_mask") },
    ],
    "creates and updates by carrying the resource first": [
      {
        by: "an update without a mask",
        names: UPDATE,
        change: (draft) => removeField(draft, "crm.lead.v1.UpdateLeadRequest", "update_mask"),
      },
      {
        by: "a resource that is not the first",
        names: CREATE,
        change: (draft) => {
          draft.field("crm.lead.v1.CreateLeadRequest.lead").number = 2;
        },
      },
    ],
    "creates in batches of at most 1,000, with one result for each request": [
      {
        by: "a batch of 5,000",
        names: "crm.lead.v1.LeadService/BatchCreateLeads",
        change: (draft) =>
          rewriteValidation(draft.field("crm.lead.v1.BatchCreateLeadsRequest.requests"), () => ({
            repeated: { minItems: "1", maxItems: "5000" },
          })),
      },
    ],
    "acts on one record by its id and, if sent, its version, and answers the record": [
      {
        by: "no version",
        names: DELETE,
        change: (draft) => removeField(draft, "crm.lead.v1.DeleteLeadRequest", "etag"),
      },
      {
        by: "an answer that is not the record",
        names: DELETE,
        change: (draft) => {
          draft.method(DELETE).outputType = ".crm.lead.v1.ListLeadsResponse";
        },
      },
    ],
    "lists by account where its rows belong on a customer's profile": [
      {
        by: "a section that nobody has asked for",
        names: LIST,
        change: (draft) =>
          rewriteMethodRules(draft.method(LIST), (rules) => ({
            ...rules,
            profile: { section: "leads", accountField: "id" },
          })),
      },
      {
        by: "rows that belong to no account",
        names: "crm.account.v1.ContactService/ListContacts",
        change: (draft) =>
          rewriteMethodRules(draft.method("crm.account.v1.ContactService/ListContacts"), (rules) => ({
            ...rules,
            profile: { section: "contacts", accountField: "customerId" },
          })),
      },
    ],
    "fills each section of a customer's profile": [
      {
        by: "a section that nothing fills any more",
        names: "contacts",
        change: (draft) =>
          rewriteMethodRules(draft.method("crm.account.v1.ContactService/ListContacts"), ({ permission = "" }) => ({
            permission,
            effect: "READ",
          })),
      },
    ],
    "hands a record over by its owner and its team, and answers the record": [
      {
        by: "no team",
        names: "crm.lead.v1.LeadService/ReassignLead",
        change: (draft) => removeField(draft, "crm.lead.v1.ReassignLeadRequest", "team_id"),
      },
    ],
  },
  "every resource": {
    "begins with the seven standard fields and numbers its own from 10 on": [
      { by: "no owner", names: LEAD, change: (draft) => removeField(draft, LEAD, "owner_id") },
      {
        by: "a number among the standard ones",
        names: LEAD,
        change: (draft) => {
          addText(draft, LEAD, "motto").number = 9;
        },
      },
    ],
    "has a type and a collection that no other has": [
      {
        by: "a collection that another has",
        names: LEAD,
        change: (draft) => rewriteResourceRules(draft.message(LEAD), (rules) => ({ ...rules, collection: "accounts" })),
      },
    ],
    "says whose its records are": [
      {
        by: "no ownership, though it has an owner",
        names: LEAD,
        change: (draft) =>
          rewriteResourceRules(draft.message(LEAD), ({ type = "", collection = "" }) => ({ type, collection })),
      },
      {
        by: "records that are a parent's, whom nothing names",
        names: LEAD,
        change: (draft) => rewriteResourceRules(draft.message(LEAD), (rules) => ({ ...rules, ownership: "PARENT" })),
      },
      {
        by: "a resource that is new",
        names: "crm.lead.v1.Raffle",
        change: (draft) => {
          const raffle = create(DescriptorProtoSchema, { name: "Raffle" });
          draft.file("crm/lead/v1/lead.proto").messageType.push(raffle);
          rewriteResourceRules(raffle, () => ({ type: "raffle", collection: "raffles" }));
        },
      },
    ],
    "that is a parent's names the parent by the id of a resource": [
      {
        by: "a parent that is no resource",
        names: "crm.account.v1.Contact",
        change: (draft) =>
          rewriteResourceRules(draft.message("crm.account.v1.Contact"), (rules) => ({
            ...rules,
            parentFields: ["name"],
          })),
      },
    ],
    "can be handed over where somebody owns it, so that a user who leaves leaves nothing behind": [
      {
        by: "no event of handing it over",
        names: LEAD,
        change: (draft) => {
          draft.message("crm.lead.v1.LeadReassigned").name = "LeadMoved";
        },
      },
    ],
    "takes ids of its own type only": [
      {
        by: "ids of another type",
        names: LEAD,
        change: (draft) =>
          rewriteValidation(draft.field(`${LEAD}.id`), () => ({
            ignore: "IGNORE_IF_ZERO_VALUE",
            string: { pattern: "^account_[0-7][0-9a-hjkmnp-tv-z]{25}$" },
          })),
      },
    ],
    "that can be deleted can be had back, and is listed among the deleted on demand": [
      {
        by: "no way back",
        names: LEAD,
        change: (draft) => {
          draft.method("crm.lead.v1.LeadService/UndeleteLead").name = "RecoverLead";
        },
      },
      {
        by: "a list that never shows the deleted",
        names: LEAD,
        change: (draft) => removeField(draft, "crm.lead.v1.ListLeadsRequest", "show_deleted"),
      },
    ],
    "that can be deleted is so under its own path, softly": [
      {
        by: "another path",
        names: LEAD,
        change: (draft) => rewriteHttp(draft.method(DELETE), () => ({ delete: "/v1/prospects/{id}" })),
      },
    ],
  },
  "every event": {
    "is named after its record and carries the record's snapshot in field 15": [
      {
        by: "no snapshot",
        names: "crm.lead.v1.LeadDeleted",
        change: (draft) => removeField(draft, "crm.lead.v1.LeadDeleted", "snapshot"),
      },
      {
        by: "a name that does not say of what",
        names: "crm.lead.v1.Vanished",
        change: (draft) => {
          draft.message("crm.lead.v1.LeadDeleted").name = "Vanished";
        },
      },
    ],
    "keeps its own facts below the snapshot": [
      {
        by: "a fact above it",
        names: "crm.lead.v1.LeadDeleted",
        change: (draft) => void addText(draft, "crm.lead.v1.LeadDeleted", "reason"),
      },
    ],
  },
  "every field that a caller may send": {
    "says whether it is required": [
      {
        by: "a field that does not say",
        names: "crm.lead.v1.GetLeadRequest.id",
        change: (draft) => dropFieldBehavior(draft.field("crm.lead.v1.GetLeadRequest.id")),
      },
    ],
    "is bounded: texts in length, lists in number": [
      {
        by: "a text without an end",
        names: `${LEAD}.motto`,
        change: (draft) => void addText(draft, LEAD, "motto"),
      },
      {
        by: "a list without an end",
        names: "crm.lead.v1.BatchCreateLeadsRequest.requests",
        change: (draft) =>
          rewriteValidation(draft.field("crm.lead.v1.BatchCreateLeadsRequest.requests"), () => undefined),
      },
    ],
    "has a pattern that holds from the first character to the last": [
      {
        by: "a pattern that any text around it passes",
        names: "crm.lead.v1.GetLeadRequest.id",
        change: (draft) =>
          rewriteValidation(draft.field("crm.lead.v1.GetLeadRequest.id"), () => ({
            string: { pattern: "lead_[0-7]" },
          })),
      },
    ],
    "takes declared enum values only": [
      {
        by: "any number",
        names: `${LEAD}.source`,
        change: (draft) => rewriteValidation(draft.field(`${LEAD}.source`), () => undefined),
      },
    ],
    "demands presence by a rule where it is required, outside of resources": [
      {
        by: "a required field that nothing demands",
        names: "crm.lead.v1.CreateLeadRequest.lead",
        change: (draft) => rewriteValidation(draft.field("crm.lead.v1.CreateLeadRequest.lead"), () => undefined),
      },
    ],
    "demands no presence inside a resource, of which an update may name any part": [
      {
        by: "a field that every update has to bring",
        names: `${LEAD}.name`,
        change: (draft) => rewriteValidation(draft.field(`${LEAD}.name`), (rules) => ({ ...rules, required: true })),
      },
    ],
  },
  "every field": {
    "that reaches a person, or lets somebody in, is sensitive, and says how it is masked": [
      unsaid("email"),
      unsaid("work_email"),
      unsaid("phone"),
      unsaid("mobile"),
      unsaid("fax_number"),
      unsaid("id_number"),
      unsaid("id_card"),
      unsaid("passport_number"),
      unsaid("bank_account"),
      unsaid("street"),
      unsaid("birthday"),
      unsaid("salary"),
      unsaid("access_token"),
      {
        by: "an address by its rule, whatever it is called",
        names: `${LEAD}.reach_by`,
        change: (draft) => rewriteValidation(addText(draft, LEAD, "reach_by"), () => ({ string: { email: true } })),
      },
      {
        by: "a field that is shown in the clear from now on",
        names: `${LEAD}.phone`,
        change: (draft) => rewriteFieldRules(draft.field(`${LEAD}.phone`), () => ({ personal: true })),
      },
      {
        by: "a mask that is another kind's",
        names: `${LEAD}.email`,
        change: (draft) => rewriteFieldRules(draft.field(`${LEAD}.email`), (rules) => ({ ...rules, mask: "NAME" })),
      },
      {
        by: "a sensitive field without a mask",
        names: `${LEAD}.company`,
        change: (draft) => rewriteFieldRules(draft.field(`${LEAD}.company`), () => ({ sensitive: true })),
      },
      {
        by: "a mask of what is not sensitive",
        names: `${LEAD}.company`,
        change: (draft) => rewriteFieldRules(draft.field(`${LEAD}.company`), () => ({ mask: "NAME" })),
      },
    ],
    "that says who or where a person is, or reaches one, is personal": [
      unsaid("address"),
      unsaid("home_address"),
      unsaid("city"),
      unsaid("gender"),
      unsaid("wechat"),
      unsaid("wechat_id"),
      unsaid("family_name"),
      {
        by: "a telephone number that erasure would leave",
        names: `${LEAD}.phone`,
        change: (draft) => rewriteFieldRules(draft.field(`${LEAD}.phone`), (rules) => ({ ...rules, personal: false })),
      },
    ],
    "of an answer has a shape that masking sees through": [
      {
        by: "bytes",
        names: `${LEAD}.extra`,
        change: (draft) => {
          addText(draft, LEAD, "extra").type = FieldDescriptorProto_Type.BYTES;
        },
      },
    ],
  },
  "every id of another record that a command takes": {
    "says of which record, so that nobody names one that is out of reach": [
      {
        by: "a new id",
        names: `${LEAD}.referrer_account_id`,
        change: (draft) => void addText(draft, LEAD, "referrer_account_id"),
      },
      {
        by: "an id that is not called one",
        names: `${LEAD}.referrer`,
        change: (draft) =>
          rewriteValidation(addText(draft, LEAD, "referrer"), () => ({
            string: { pattern: "^account_[0-7][0-9a-hjkmnp-tv-z]{25}$" },
          })),
      },
      {
        by: "half of what it has to say",
        names: "crm.lead.v1.ConvertLeadRequest.account_id",
        change: (draft) =>
          rewriteFieldRules(draft.field("crm.lead.v1.ConvertLeadRequest.account_id"), () => ({
            reference: { collection: "accounts" },
          })),
      },
    ],
    "takes ids of that collection only": [
      {
        by: "a deal's account that is a contact",
        names: "crm.opportunity.v1.Opportunity.account_id",
        change: (draft) =>
          rewriteFieldRules(draft.field("crm.opportunity.v1.Opportunity.account_id"), () => ({
            reference: { collection: "contacts", missing: "CONTACT_NOT_FOUND" },
          })),
      },
    ],
    "is of records that are read by the permission that reading is named after": [
      {
        by: "another permission to read accounts",
        names: "crm.opportunity.v1.Opportunity.account_id",
        change: (draft) =>
          rewriteMethodRules(draft.method("crm.account.v1.AccountService/GetAccount"), (rules) => ({
            ...rules,
            permission: "accounts.see",
          })),
      },
    ],
  },
  "every name": {
    "tells an instant from a day": [
      {
        by: "an instant that is called a day",
        names: `${LEAD}.created_on`,
        change: (draft) => {
          draft.field(`${LEAD}.create_time`).name = "created_on";
        },
      },
    ],
    "belongs to a message when it is an enum's": [
      {
        by: "an enum of a whole file",
        names: "crm.lead.v1.Mood",
        change: (draft) =>
          void draft
            .file("crm/lead/v1/lead.proto")
            .enumType.push(
              create(EnumDescriptorProtoSchema, { name: "Mood", value: [{ name: "MOOD_UNSPECIFIED", number: 0 }] }),
            ),
      },
    ],
    "of a service's file is the service's": [
      {
        by: "a second service in a file",
        names: "crm.lead.v1.RaffleService",
        change: (draft) =>
          void draft
            .file("crm/lead/v1/lead_service.proto")
            .service.push(create(ServiceDescriptorProtoSchema, { name: "RaffleService" })),
      },
    ],
    "of one context stands in its own folder": [
      {
        by: "a file of another context's folder",
        names: "crm/lead/v1/note",
        change: (draft) => {
          draft.file("crm/integration/v1/saved_view_service.proto").name = "crm/lead/v1/note.proto";
        },
      },
    ],
    "is explained in whole sentences": [
      {
        by: "a field without a comment",
        names: `${LEAD}.motto`,
        change: (draft) => void addText(draft, LEAD, "motto"),
      },
    ],
  },
} as const satisfies Sabotages;
