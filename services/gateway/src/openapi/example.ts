import type { DescField, JsonValue } from "@bufbuild/protobuf";
import type { Example } from "@keynode/contracts/examples";
import type { Profile } from "../profile.ts";
import { type Route, variableNames } from "../transcoder/routes.ts";
import type { Parameter, Reference, Response } from "./components.ts";
import type { Operation } from "./operation.ts";

type JsonObject = { readonly [name: string]: JsonValue };

/** An operation with the call that a test made of it: its parameters, its body and its answer. */
export const withExample = (operation: Operation, route: Route, example: Example | undefined): Operation => {
  if (example === undefined) return operation;
  const request = objectOf(example.request);
  const { responseBody } = route;
  const answer = responseBody ? objectOf(example.response)[responseBody.jsonName] : example.response;
  return {
    ...operation,
    parameters: operation.parameters.map((parameter) => parameterOf(parameter, route, request)),
    ...(operation.requestBody && {
      requestBody: {
        ...operation.requestBody,
        content: contentOf(operation.requestBody.content, bodyOf(route, request)),
      },
    }),
    responses: answered(operation, answer),
  };
};

/** The profile's example, put together from those of the calls that it is made of. */
export const withProfileExample = (
  operation: Operation,
  { get, sections }: Profile,
  examples: Readonly<Record<string, Example>>,
): Operation => {
  const subject = examples[get.name];
  if (subject === undefined) return operation;
  const filled = sections.map(({ name, list, rows }) => {
    const items = objectOf(examples[list.name]?.response ?? {})[rows.jsonName] ?? [];
    return [name, { items }] as const;
  });
  const answer = { account: subject.response, sections: Object.fromEntries(filled) };
  const { parameters } = withExample(operation, get, subject);
  return { ...operation, parameters, responses: answered(operation, answer) };
};

const answered = ({ responses }: Operation, answer: JsonValue | undefined): Operation["responses"] => {
  const { "200": success, ...others } = responses;
  if (success === undefined || !isResponse(success) || success.content === undefined) return responses;
  return { "200": { ...success, content: contentOf(success.content, answer) }, ...others };
};

const isResponse = (response: Response | Reference): response is Response => "description" in response;

type Content = NonNullable<Response["content"]>;

/** JSON only: what else there is has no one form. */
const contentOf = (content: Content, example: JsonValue | undefined): Content =>
  Object.fromEntries(
    Object.entries(content).map(([type, media]) => [
      type,
      example === undefined || !type.endsWith("json") ? media : { ...media, example },
    ]),
  );

const parameterOf = (parameter: Parameter | Reference, route: Route, request: JsonObject): Parameter | Reference => {
  if ("$ref" in parameter || parameter.in === "header") return parameter;
  const variable = parameter.in === "path" ? route.variables[variableNames(route).indexOf(parameter.name)] : undefined;
  const example = valueAt(request, variable?.map(({ jsonName }) => jsonName) ?? parameter.name.split("."));
  return example === undefined ? parameter : { ...parameter, example };
};

const valueAt = (json: JsonValue | undefined, [name, ...deeper]: readonly string[]): JsonValue | undefined =>
  name === undefined ? json : valueAt(objectOf(json ?? null)[name], deeper);

/** What is left of the request for the body, once the path has taken its part. */
const bodyOf = ({ body, variables }: Route, request: JsonObject): JsonValue | undefined => {
  if (body === undefined) return undefined;
  if (body === "*")
    return without(
      request,
      variables.map(([first]) => first),
    );
  const value = request[body.jsonName];
  const inner = variables.flatMap(([first, second]) => (first === body ? [second] : []));
  return value === undefined ? undefined : without(objectOf(value), inner);
};

const without = (json: JsonObject, fields: readonly (DescField | undefined)[]): JsonObject => {
  const names = new Set(fields.map((field) => field?.jsonName));
  return Object.fromEntries(Object.entries(json).filter(([name]) => !names.has(name)));
};

const objectOf = (json: JsonValue): JsonObject =>
  typeof json === "object" && json !== null && !Array.isArray(json) ? json : {};
