import type { DescField, DescMessage, DescMethod } from "@bufbuild/protobuf";
import type { Access, Assignment, AssignmentProblem } from "@keynode/auth/access";
import type { Principal, Scope } from "@keynode/auth/principal";
import { fieldBehavior, type MethodRules, resourceRules } from "@keynode/contracts/descriptors";
import { type DomainError, type FieldViolation, isDomainError, reject } from "@keynode/decider/domain-error";

/** A field of a request that says whose a record becomes. */
type Place = {
  /** Leads to the message within the request: undefined, or the resource's field. */
  readonly within: DescField | undefined;
  readonly field: DescField;
  readonly of: keyof Assignment;
};

/** Where a method's request says whose a record becomes. */
export type AssignmentPlaces = { readonly places: readonly Place[]; readonly itemsField: string | undefined };

/** Whoever is to work on a record, or takes it over, owns it; that there is such a user the service says itself, which knows more. */
const judgedByService: ReadonlySet<string> = new Set(["assignee_id", "successor_id"]);
const assigning: Readonly<Record<string, keyof Assignment>> = {
  owner_id: "ownerId",
  assignee_id: "ownerId",
  successor_id: "ownerId",
  team_id: "teamId",
};

/**
 * Finds the fields of a request that hand a record to somebody: of the request itself, or of the resource it carries.
 * An update hands nothing over, whatever its resource says: owner and team change by a command of their own.
 */
export const assignmentPlaces = (
  { name, input }: DescMethod,
  { effect, public: isPublic }: MethodRules,
  itemsField: string | undefined,
): AssignmentPlaces | undefined => {
  if (effect === "READ" || isPublic || name.startsWith("Update")) return undefined;
  const items = itemsField && input.fields.find((field) => field.name === itemsField);
  const carrier = items && items.fieldKind === "list" && items.listKind === "message" ? items.message : input;
  const places = placesIn(carrier);
  return places.length === 0 ? undefined : { places, itemsField };
};

const placesIn = (message: DescMessage): readonly Place[] => [
  ...placeOf(message, undefined),
  ...message.fields.flatMap((field) =>
    field.fieldKind === "message" && resourceRules(field.message) !== undefined ? placeOf(field.message, field) : [],
  ),
];

const placeOf = ({ fields }: DescMessage, within: DescField | undefined): readonly Place[] =>
  fields.flatMap((field) => {
    const of = assigning[field.name];
    return of === undefined || fieldBehavior(field).includes("OUTPUT_ONLY") ? [] : [{ within, field, of }];
  });

/**
 * Refuses to make a record somebody's whom the caller's right does not reach (mass assignment). Of a batch the refused
 * items are named by their index. Errors: ASSIGNMENT_REFUSED naming each field; PROJECTION_LAGGING while nobody can tell.
 */
export const refuseAssignments = async (
  { assigns }: { readonly assigns: AssignmentPlaces | undefined },
  request: unknown,
  { principal, scope }: { readonly principal: Principal; readonly scope: Scope },
  access: Access,
): Promise<ReadonlyMap<number, DomainError> | DomainError | undefined> => {
  if (assigns === undefined) return undefined;
  const { places, itemsField } = assigns;
  // The items of a batch are mostly the same few people's.
  const judged = new Map<string, Promise<readonly AssignmentProblem[]>>();
  const problemsOf = (asked: Assignment): Promise<readonly AssignmentProblem[]> => {
    const key = `${asked.ownerId} ${asked.teamId}`;
    const problems = judged.get(key) ?? access.assignmentProblems(principal, scope, asked);
    judged.set(key, problems);
    return problems;
  };
  const refuse = async (message: unknown): Promise<DomainError | undefined> => {
    const violations: FieldViolation[] = [];
    for (const place of places) {
      const id = textAt(message, place);
      if (id === "") continue;
      const [problem] = await problemsOf({ ownerId: "", teamId: "", [place.of]: id });
      if (problem === undefined || isServicesOwn(problem, place)) continue;
      if (problem.reason === "UNSURE") return reject("PROJECTION_LAGGING");
      violations.push({ field: pathOf(place), reason: problem.reason });
    }
    if (violations.length === 0) return undefined;
    const isReach = violations.some(({ reason }) => reason === "OUT_OF_REACH");
    return reject(isReach ? "ASSIGNMENT_REFUSED" : "INVALID_REQUEST", {}, violations);
  };

  if (itemsField === undefined) return await refuse(request);
  const refusals = new Map<number, DomainError>();
  for (const [index, item] of itemsOf(request, itemsField).entries()) {
    const refusal = await refuse(item);
    if (isDomainError(refusal)) refusals.set(index, refusal);
  }
  return refusals;
};

const isServicesOwn = ({ reason }: AssignmentProblem, { field }: Place): boolean =>
  judgedByService.has(field.name) && reason === "NO_SUCH_OWNER";

const pathOf = ({ within, field }: Place): string =>
  within === undefined ? field.name : `${within.name}.${field.name}`;

const itemsOf = (request: unknown, field: string): readonly unknown[] => {
  const items = (request as Readonly<Record<string, unknown>>)[field];
  return Array.isArray(items) ? items : [];
};

const textAt = (message: unknown, { within, field }: Place): string => {
  const carrier = within === undefined ? message : valueAt(message, within);
  const value = valueAt(carrier, field);
  return typeof value === "string" ? value : "";
};

const valueAt = (message: unknown, { localName }: DescField): unknown =>
  typeof message === "object" && message !== null
    ? (message as Readonly<Record<string, unknown>>)[localName]
    : undefined;
