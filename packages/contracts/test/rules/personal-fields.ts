import { type DescField, ScalarType } from "@bufbuild/protobuf";
import { fieldRules, type Mask } from "@keynode/contracts/descriptors";
import { nameOf, rulesFor, validationOf } from "../contract.ts";
import { isText } from "./field-kind.ts";
import type { Rules } from "./rule.ts";

/** What the names and the rules of fields tell of what they hold, and the mask that it needs. */
const kinds: readonly { readonly names: RegExp; readonly rule?: string; readonly mask: Mask }[] = [
  { names: /(^|_)e?mail(_address)?$/, rule: "email", mask: "EMAIL" },
  { names: /(^|_)(phone|mobile|telephone|fax|cell)(_number)?$/, mask: "PHONE" },
  {
    names: /(^|_)(id_card|id_number|identity_number|passport|bank_account|bank_card|iban|tax_number)(_number)?$/,
    mask: "ID_NUMBER",
  },
  { names: /(^|_)(street|house|postal_address)(_line)?$/, mask: "ADDRESS" },
  { names: /(^|_)(birth|birthday|birth_date|margin|cost|discount_floor|salary)$/, mask: "HIDDEN" },
  { names: /(^|_)(password|secret|credential|access_token|refresh_token|private_key)$/, mask: "SECRET" },
];

/** Says who or where somebody is, or is a name under which somebody is reached. */
const personalNames = new RegExp(
  `(^|_)(${[
    "address|street|city|postal_code|latitude|longitude|visitor_id",
    "birth|birthday|gender|nationality|religion|ethnicity|marital_status|photo|portrait",
    "given_name|family_name|first_name|last_name|full_name|nickname",
    "wechat|weixin|qq|weibo|whatsapp|telegram|skype",
    // A rule on how such values are masked is none itself.
  ].join("|")})($|_(?!rule$))`,
);

const opaqueTypes = [
  "google.protobuf.Any",
  "google.protobuf.Struct",
  "google.protobuf.Value",
  "google.protobuf.ListValue",
];

const hasTextRule = (field: DescField, rule: string | undefined): boolean =>
  rule !== undefined && rule in rulesFor(validationOf(field), "string");

/** A field's rules; undefined where they are not whole. */
const rulesOf = (field: DescField) => {
  try {
    return fieldRules(field);
  } catch {
    return undefined;
  }
};

const isReachable = (field: DescField): boolean => ["EMAIL", "PHONE"].includes(rulesOf(field)?.mask ?? "");

const isPersonal = (field: DescField): boolean => rulesOf(field)?.personal === true;

export const ofFields = {
  "that reaches a person, or lets somebody in, is sensitive, and says how it is masked": ({ fields }) =>
    fields
      .filter((field) => {
        const rules = rulesOf(field);
        if (rules === undefined || (rules.mask !== undefined && !rules.sensitive)) return true;
        const kind = kinds.find(({ names, rule }) => names.test(field.name) || hasTextRule(field, rule));
        return kind !== undefined && rules.mask !== kind.mask && (isText(field) || field.message !== undefined);
      })
      .map(nameOf),

  "that says who or where a person is, or reaches one, is personal": ({ fields }) =>
    fields
      .filter(
        (field) =>
          (personalNames.test(field.name) || isReachable(field)) &&
          !isPersonal(field) &&
          !field.message?.fields.some(isPersonal),
      )
      .map(nameOf),

  "of an answer has a shape that masking sees through": ({ fields }) =>
    fields
      .filter(
        (field) =>
          (opaqueTypes.includes(field.message?.typeName ?? "") || field.scalar === ScalarType.BYTES) &&
          // What an event says is masked before it is put into it (packages/runtime/src/events/view.ts).
          nameOf(field) !== "crm.chassis.v1.CloudEvent.data" &&
          rulesOf(field)?.sensitive !== true,
      )
      .map(nameOf),
} as const satisfies Rules;
