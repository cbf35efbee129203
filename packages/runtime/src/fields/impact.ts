import { type MaskRules, maskRulesIn } from "@keynode/auth/mask-rules";
import type { Access } from "@keynode/auth/access";
import { maySee } from "@keynode/auth/visibility";
import type { CustomValue } from "@keynode/contracts/crm/chassis/v1/custom_value";
import { CustomField_Impact } from "@keynode/contracts/crm/identity/v1/custom_field";
import type { ExamineCustomValuesRequest } from "@keynode/contracts/crm/identity/v1/custom_value_service";
import { registry } from "@keynode/contracts/descriptors";
import { readPermission } from "@keynode/contracts/record-types";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import { brokenFormulas } from "@keynode/fields/broken-formulas";
import { converted } from "@keynode/fields/converted";
import type { Field } from "@keynode/fields/field";
import type { FieldSet } from "@keynode/fields/field-set";
import { kindOf } from "@keynode/fields/kinds";
import { isShown } from "@keynode/fields/shown-values";
import { planCompiler } from "@keynode/grpc/masking/message-plan";
import { sightOf } from "@keynode/grpc/masking/sight";
import { principalOf } from "../access/subject.ts";
import type { KeptResource } from "../resources.ts";
import type { ServiceFields } from "./open-fields.ts";
import { type FoundValue, valuesOf } from "./value-scan.ts";

/** Values counted, and how long that may take: a person waits. */
const countedValues = 100_000;
const countingMs = 5_000;
const examples = 10;

export type ImpactParts = {
  readonly resources: ReadonlyMap<string, KeptResource>;
  readonly fields: Pick<ServiceFields, "source" | "readied">;
  readonly access: Access;
  readonly now: () => Date;
};

/** Counts what a change of a field would do to the values that records have. Errors: NOT_FOUND for other services' records. */
export type Examine = (request: ExamineCustomValuesRequest) => Promise<CustomField_Impact | DomainError>;

export const examineValues =
  ({ resources, fields, access, now }: ImpactParts): Examine =>
  async ({ tenant, customField, subject, roleIds, maskRules }) => {
    const store = resources.get(customField?.collection ?? "")?.store;
    if (store === undefined || customField === undefined) return reject("NOT_FOUND", { id: customField?.id ?? "" });
    const { collection, key } = customField;
    const set = await fields.source.knowing(tenant, collection, [key]);
    const changed = customField.deleteTime === undefined ? await fields.readied(tenant, customField) : undefined;

    const principal = { ...principalOf(tenant, subject), roles: roleIds };
    const masked = maskedBy(maskRulesIn(maskRules));
    const right = await access.rightTo(principal, { permission: readPermission(collection), effect: "READ" });
    const sight = right && sightOf({ principal, within: right.within, actor: principal.actor }, new Set([collection]));
    const isSeen = (found: FoundValue): boolean => right !== undefined && maySee(right.visibility, found);
    const shownTo = (found: FoundValue): CustomValue | undefined => {
      const seesSensitive = sight?.reaches(collection, found) ?? false;
      const onlooker = { roles: roleIds, isService: false, seesSensitive };
      if (!isShown(set.fields.get(key), onlooker)) return undefined;
      return seesSensitive ? found.value : masked(found.value);
    };

    const impact = CustomField_Impact.fromPartial({ brokenFormulas: formulasBrokenBy(set, key, changed) });
    const endMs = now().getTime() + countingMs;
    for await (const page of valuesOf(store, tenant, key)) {
      for (const found of page) {
        impact.valueCount += 1;
        if (changed === undefined) continue;
        if (isHeld(changed, found.value)) impact.convertibleCount += 1;
        else {
          impact.unconvertibleCount += 1;
          if (impact.examples.length < examples && isSeen(found)) {
            impact.examples.push({ recordId: found.id, value: shownTo(found) });
          }
        }
      }
      if (impact.valueCount < countedValues && now().getTime() < endMs) continue;
      impact.truncated = true;
      break;
    }
    return impact;
  };

const isHeld = (field: Field, value: CustomValue): boolean =>
  kindOf(value) === field.kind || converted(field, value) !== undefined;

const formulasBrokenBy = ({ fields }: FieldSet, key: string, changed: Field | undefined): string[] => {
  const before = fields.get(key);
  if (before === undefined) return [];
  return [
    ...brokenFormulas(
      before,
      changed,
      [...fields.values()].filter((each) => each !== before),
    ),
  ];
};

/** Values as those see them who have no right to sensitive ones. */
const maskedBy = (rules: MaskRules): ((value: CustomValue) => CustomValue) => {
  const message = registry().getMessage("crm.chassis.v1.CustomValue");
  const { sensitive = [] } = (message && planCompiler()(message)) ?? {};
  return (value) => {
    const given = new Map<string, unknown>(Object.entries(value));
    const hidden = sensitive.filter(({ property }) => given.get(property) !== undefined);
    return {
      ...value,
      ...Object.fromEntries(hidden.map(({ property, masked }) => [property, masked(given.get(property), rules)])),
    };
  };
};
