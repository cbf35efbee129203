import type { z } from "zod";
import { annotationOf } from "./annotation.ts";

/** `NAME=value` lines in the schema's order, for `--print-config`; secrets masked, what is not set left empty. */
export const printConfig = <Shape extends z.core.$ZodLooseShape>(
  schema: z.ZodObject<Shape>,
  config: z.output<z.ZodObject<Shape>>,
): string => {
  const values: Readonly<Record<string, unknown>> = config;
  return Object.entries(schema.shape)
    .map(([name, variable]) => `${name}=${shown(values[name], annotationOf(variable).mask)}`)
    .join("\n");
};

const shown = (value: unknown, mask: ((value: unknown) => string) | undefined): string => {
  if (value === undefined) return "";
  if (mask) return mask(value);
  return typeof value === "string" ? value : JSON.stringify(value);
};
