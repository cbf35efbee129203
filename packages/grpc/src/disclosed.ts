import type { Call } from "./call.ts";
import { fieldsOfAnswers } from "./custom-fields/shown-fields.ts";
import type { Host } from "./host.ts";
import type { ServedMethod } from "./served-method.ts";

/** An answer encoded as its caller may see it. What it shows in the clear is on record before it is returned. */
export const disclosed = async (
  method: ServedMethod,
  { onSensitiveRead, fields }: Pick<Host, "onSensitiveRead" | "fields">,
  given: unknown,
  call: Call,
): Promise<Buffer> => {
  const answer =
    method.fieldPlan === undefined || fields === undefined
      ? given
      : await fieldsOfAnswers(method.fieldPlan, fields)(given as object, call);
  if (method.mask === undefined) return method.encode(answer);
  const isTold = onSensitiveRead !== undefined && !method.echoes;
  // Answers are messages: `Handlers` has tied each handler to its definition.
  const { message, reads } = method.mask(answer as object, call, isTold);
  if (reads.length > 0) await onSensitiveRead?.(call, reads);
  return method.encode(message);
};
