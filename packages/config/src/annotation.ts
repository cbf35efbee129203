import { z } from "zod";

/** What the printed configuration and a refusal say about one variable. */
export type Annotation = {
  /** Completes "expected …", for example `a port, 0 to 65535`. */
  readonly expected?: string;
  /** How a value is shown when it must not be shown as it is. */
  readonly mask?: (value: unknown) => string;
};

const annotations = z.registry<Annotation>();

/** Adds an annotation to a schema; what it already says stays unless replaced. */
export const annotate = <Schema extends z.ZodType>(schema: Schema, annotation: Annotation): Schema => {
  annotations.add(schema, { ...annotations.get(schema), ...annotation });
  return schema;
};

/** The annotation of a schema, or of what it wraps in `.optional()`, `.default()` and the like. */
export const annotationOf = (schema: z.core.$ZodType): Annotation => {
  const own = annotations.get(schema) ?? {};
  const inner = innerOf(schema);
  return inner ? { ...annotationOf(inner), ...own } : own;
};

const innerOf = (schema: z.core.$ZodType): z.core.$ZodType | undefined => {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodReadonly
  )
    return schema.def.innerType;
  return schema instanceof z.ZodPipe ? schema.def.in : undefined;
};
