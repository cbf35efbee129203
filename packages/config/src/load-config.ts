import type { z } from "zod";
import { annotationOf } from "./annotation.ts";

/** The process's variables, or a stand-in for them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One variable that does not fit; `problem` says what was expected, never a secret's value. */
export type BadVariable = { readonly name: string; readonly problem: string };

/** Start-up is refused; the message names every bad variable, one a line. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly variables: readonly BadVariable[];

  constructor(variables: readonly BadVariable[]) {
    super(
      ["The configuration is not usable:", ...variables.map(({ name, problem }) => `  ${name}: ${problem}`)].join("\n"),
    );
    this.variables = variables;
  }
}

/**
 * The typed configuration of a schema whose keys are variable names. An empty variable counts as
 * not set. Throws ConfigError with all bad variables at once.
 */
export const loadConfig = <Shape extends z.core.$ZodLooseShape>(
  schema: z.ZodObject<Shape>,
  env: Environment = process.env,
): z.output<z.ZodObject<Shape>> => {
  const given: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = env[name];
    if (value !== undefined && value.trim() !== "") given[name] = value;
  }
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw new ConfigError(result.error.issues.map((issue) => badVariable(schema, given, issue)));
};

const badVariable = (
  schema: z.ZodObject,
  given: Readonly<Record<string, string>>,
  issue: z.core.$ZodIssue,
): BadVariable => {
  const name = String(issue.path[0] ?? "configuration");
  const variable = schema.shape[name];
  if (variable === undefined) return { name, problem: issue.message };
  const { expected, mask } = annotationOf(variable);
  const value = given[name];
  if (value === undefined) return { name, problem: expected ? `is missing; expected ${expected}` : "is missing" };
  return { name, problem: mask ? issue.message : `${issue.message}, got ${JSON.stringify(value)}` };
};
