import type { DescField, DescMethod, FileRegistry } from "@bufbuild/protobuf";
import type { Attributes, Span } from "@opentelemetry/api";
import { type MethodRules, methodRules } from "@keynode/contracts/descriptors";
import { attribute, system } from "@keynode/telemetry/attributes";
import { type AssignmentPlaces, assignmentPlaces } from "./assignments.ts";
import { type FieldPlan, fieldPlanOf } from "./custom-fields/field-plan.ts";
import type { Call } from "./call.ts";
import type { Implementation, ImplementedMethod } from "./implement.ts";
import { type AnswerMask, answerMask } from "./masking/answer-mask.ts";
import { type MessagePlan, planCompiler, type PlanOf } from "./masking/message-plan.ts";
import { type ReferencePlaces, referencePlaces } from "./references.ts";
import { type RequestValidator, requestValidation, type Validation } from "./validation.ts";
import { type VocabularyPlaces, vocabularyPlaces } from "./vocabularies.ts";

/** All that a call to one method needs, looked up once at start. */
export type ServedMethod = ImplementedMethod & {
  readonly rules: MethodRules;
  readonly validate: RequestValidator | undefined;
  /** The request names a tenant, which must be the caller's; a public method has no caller yet. */
  readonly namesTenant: boolean;
  /** Undefined where nothing in the answer is ever masked. */
  readonly mask: AnswerMask | undefined;
  /** Where records with custom fields stand in the answer; undefined where none do. */
  readonly fieldPlan: FieldPlan | undefined;
  /** The answer shows only what its caller has just written: sensitive values in it are not read. */
  readonly echoes: boolean;
  /** Where the request says whose a record becomes; undefined where it cannot. */
  readonly assigns: AssignmentPlaces | undefined;
  /** Where the request brings values of vocabularies; undefined where it brings none. */
  readonly vocabulary: VocabularyPlaces | undefined;
  /** Where the request names records; undefined where it names none. */
  readonly references: ReferencePlaces | undefined;
  readonly attributes: Attributes;
};

/** The repeated field that batch methods take their items in (AIP-233). */
const BATCH_ITEMS_FIELD = "requests";

/**
 * Looks up the methods' rules in the contract. Deny is the default: throws, naming them all, when
 * methods are not in the contract or declare no rules.
 */
export const servedMethods = (implementations: readonly Implementation[], registry: FileRegistry): ServedMethod[] => {
  const tools = { registry, validation: requestValidation(registry), planOf: planOfMethods() };
  const problems: string[] = [];
  const methods = implementations.flat().flatMap((method) => {
    const served = servedMethod(method, tools);
    if (typeof served !== "string") return [served];
    problems.push(served);
    return [];
  });
  if (problems.length > 0) throw new Error(`the server cannot start: ${problems.join("; ")}`);
  return methods;
};

type Tools = {
  readonly registry: FileRegistry;
  readonly validation: Validation;
  readonly planOf: (method: DescMethod, rules: MethodRules) => MessagePlan | undefined;
};

const servedMethod = (method: ImplementedMethod, { registry, validation, planOf }: Tools): ServedMethod | string => {
  const described = describedMethod(registry, method.name);
  if (described === undefined) return `${method.name} is not in the contract`;
  const rules = methodRules(described);
  if (rules === undefined) return `${method.name} declares no rules (crm.options.v1.method)`;
  const plan = planOf(described, rules);
  const isBatch = described.input.fields.some(
    (field) => field.name === BATCH_ITEMS_FIELD && field.fieldKind === "list",
  );
  return {
    ...method,
    rules,
    validate: validation.of(described.input, {
      itemsField: isBatch ? BATCH_ITEMS_FIELD : undefined,
      // An update sends parts; which of them it empties is seen by its mask.
      demandsRequired: !described.name.startsWith("Update"),
    }),
    namesTenant: !rules.public && described.input.fields.some(namesTenant),
    fieldPlan: fieldPlanOf(described.output),
    mask: plan && answerMask(plan, collectionOf(rules.permission)),
    echoes: /^(?:Batch)?Create[A-Z]/.test(described.name),
    assigns: assignmentPlaces(described, rules, isBatch ? BATCH_ITEMS_FIELD : undefined),
    vocabulary: vocabularyPlaces(described, rules, isBatch ? BATCH_ITEMS_FIELD : undefined),
    references: referencePlaces(described, rules, isBatch ? BATCH_ITEMS_FIELD : undefined),
    attributes: { [attribute.rpcSystem]: system.grpc, [attribute.rpcMethod]: method.name },
  };
};

const planOfMethods = (): Tools["planOf"] => {
  const whole: PlanOf = planCompiler();
  const handingOut: PlanOf = planCompiler({ handsOut: true });
  return ({ output }, { effect, public: isPublic }) => {
    if (effect !== "CREDENTIAL") return whole(output);
    // Whoever signs in has no rights yet, and is shown the own record.
    return isPublic ? undefined : handingOut(output);
  };
};

/** `journal.read` → `journal`. */
const collectionOf = (permission: string): string => permission.slice(0, Math.max(permission.lastIndexOf("."), 0));

/** By its id, that is: the resource itself is known by its own id. */
const namesTenant = ({ name, fieldKind }: DescField): boolean => name === "tenant" && fieldKind === "scalar";

/** A method of the contract by its full name `package.Service/Method`. */
export const describedMethod = (registry: FileRegistry, name: string): DescMethod | undefined => {
  const slash = name.indexOf("/");
  const methodName = name.slice(slash + 1);
  return registry.getService(name.slice(0, slash))?.methods.find((method) => method.name === methodName);
};

/** Names tenant and actor on the span of a call that was let in. */
export const describeCaller = (span: Span, { tenant, actor }: Call): void => {
  if (!span.isRecording()) return;
  span.setAttribute(attribute.tenant, tenant);
  span.setAttribute(attribute.actor, actor);
};
