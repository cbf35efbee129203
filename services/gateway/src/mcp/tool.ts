import { documentation } from "@keynode/contracts/documentation";
import { jsonNames } from "../openapi/message-schemas.ts";
import { answerMessage, HTTP_BODY, type Route, variableNames } from "../transcoder/routes.ts";

/** A method of the contract that agents find as a tool (crm.options.v1.MethodRules.tool). */
export type Tool = {
  /** `list_leads`. */
  readonly name: string;
  /** The first sentence of the method's comment. */
  readonly title: string;
  readonly description: string;
  readonly route: Route;
  /** Without effect: it answers at once, where others first say what they would do. */
  readonly isRead: boolean;
  /** Arguments that are fields of the request itself, by their JSON names; what is in neither the path nor here fills the body. */
  readonly fields: ReadonlySet<string>;
};

/** Every tool of the contract, in its order. Throws, naming them all, when methods cannot be called as tools. */
export const contractTools = (routes: readonly Route[]): Tool[] => {
  const problems: string[] = [];
  const tools = routes
    .filter(({ rules, isPrimary }) => rules.tool && isPrimary)
    .flatMap((route) => {
      const problem = problemOf(route);
      if (problem === undefined) return [toolOf(route)];
      problems.push(`${route.name} ${problem}`);
      return [];
    });
  const names = tools.map(({ name }) => name);
  problems.push(...names.filter((name, index) => names.indexOf(name) !== index).map((name) => `${name} is two tools`));
  if (problems.length > 0) throw new Error(`the contract's tools cannot be served: ${problems.join("; ")}`);
  return tools;
};

const problemOf = (route: Route): string | undefined => {
  const { method, rules, service, body } = route;
  if (method.methodKind !== "unary") return "is a stream";
  if (rules.public || rules.effect === "CREDENTIAL") return "hands out or needs no credential";
  if (typeof service !== "string") return "is no single service's";
  if (answerMessage(route)?.typeName === HTTP_BODY || route.responseBody !== undefined) return "answers no message";
  const inBody = typeof body === "object" ? (body.message?.fields.map(({ jsonName }) => jsonName) ?? []) : [];
  const beside = [...requestFields(route), ...variableNames(route).filter((name) => name !== "id")];
  const twice = beside.find((name) => inBody.includes(name));
  return twice === undefined ? undefined : `has two arguments ${twice}`;
};

const toolOf = (route: Route): Tool => {
  const { method, rules } = route;
  const description = jsonNames(documentation(method));
  const [title = method.name] = description.split(/(?<=\.)\s/, 1);
  return {
    name: toolName(method.name),
    title: title.replaceAll("\n", " ").replace(/\.$/, ""),
    description,
    route,
    isRead: rules.effect === "READ",
    fields: requestFields(route),
  };
};

/** `GetKeyNode` → `get_key_node`. */
export const toolName = (method: string): string =>
  method.replace(/(?!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();

/**
 * Fields of the request that neither path nor body fills. A mask of what to change is none of them: it is what the
 * arguments name.
 */
const requestFields = ({ method, variables, body }: Route): ReadonlySet<string> => {
  if (body === "*") return new Set();
  const taken = new Set([...variables.map(([first]) => first), body]);
  const left = method.input.fields.filter((field) => !taken.has(field) && field.name !== "update_mask");
  return new Set(left.map(({ jsonName }) => jsonName));
};
