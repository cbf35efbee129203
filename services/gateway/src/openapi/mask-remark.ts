import type { DescField } from "@bufbuild/protobuf";
import { fieldBehavior, fieldRules, type Mask, resourceRules } from "@keynode/contracts/descriptors";

/** What a reader without the right sees; of a secret there is nothing to see for anybody. */
const FORMS: Readonly<Record<Exclude<Mask, "SECRET">, string>> = {
  PHONE: "masked: `+86138****0000`",
  EMAIL: "masked: `w***@example.com`",
  NAME: "masked: `王**`",
  ID_NUMBER: "masked: `****1234`",
  ADDRESS: "masked: `****`",
  HIDDEN: "left out",
};

/** What the document says of a resource's sensitive field besides its comment. */
export const maskRemarks = (field: DescField): readonly string[] => {
  const collection = resourceRules(field.parent)?.collection;
  const { sensitive, mask } = fieldRules(field);
  if (!sensitive || mask === undefined || mask === "SECRET" || collection === undefined) return [];
  const isRuled = mask !== "HIDDEN";
  const form = `${FORMS[mask]}${isRuled ? ", or as the tenant's security settings say" : ""}`;
  const shown = `Callers without \`${collection}.readSensitive\` for the record see it ${form}.`;
  const isWritten = isRuled && !fieldBehavior(field).includes("OUTPUT_ONLY");
  return isWritten ? [shown, "A masked value that is sent back is refused with `MASKED_VALUE`."] : [shown];
};
