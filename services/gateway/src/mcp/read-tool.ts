import type { CallToolResult } from "@modelcontextprotocol/server";
import { isRefusal } from "../exchange.ts";
import { refuse } from "../problem.ts";
import type { MethodCall, Visit } from "./method-call.ts";
import type { Tool } from "./tool.ts";
import { numberIn, type ToolArguments } from "./tool-arguments.ts";
import { answeredResult, MAX_ANSWER_LENGTH, refusedResult } from "./tool-result.ts";

/** Rows of a page that did not say how many, and at most: an agent reads them all. */
export const PAGE_SIZE = 20;
export const MAX_PAGE_SIZE = 100;
/** How often a page that is too long is asked for anew with fewer rows. */
const MAX_ATTEMPTS = 4;
/** Rows differ: of those that would just fit, so many are asked for. */
const CAUTION = 0.8;

/** True for methods that answer page by page (AIP-158). */
export const isPaged = ({ route }: Pick<Tool, "route">): boolean =>
  route.method.input.fields.some(({ name }) => name === "page_size");

/** Runs a tool without effect. An answer that is too long is a shorter page, or is refused with the way to less. */
export const runRead = async (
  tool: Tool,
  call: MethodCall,
  visit: Visit,
  given: ToolArguments,
): Promise<CallToolResult> => {
  const paged = isPaged(tool);
  let size = paged ? pageSize(given) : undefined;
  for (let attempt = 1; ; attempt += 1) {
    const message = call.encode(visit, size === undefined ? given : withPageSize(given, size));
    if (!Buffer.isBuffer(message)) return refusedResult(visit, message);
    const answer = await call.send(visit, message);
    if (isRefusal(answer)) return refusedResult(visit, answer);
    const { length } = answer.text;
    if (length <= MAX_ANSWER_LENGTH) return answeredResult(answer);
    const rows = Object.values(answer.json).find(Array.isArray)?.length ?? 0;
    if (!paged || rows <= 1 || attempt === MAX_ATTEMPTS) {
      const metadata = { limitCharacters: String(MAX_ANSWER_LENGTH) };
      return refusedResult(visit, refuse("ANSWER_TOO_LARGE", visit.exchange.locale, { metadata }));
    }
    size = Math.max(1, Math.floor(((rows * MAX_ANSWER_LENGTH) / length) * CAUTION));
  }
};

/** What is no whole number at all is left to the method to refuse. */
const pageSize = ({ value }: ToolArguments): number | undefined => {
  if (!value.has("pageSize")) return PAGE_SIZE;
  const asked = numberIn(value, "pageSize");
  if (asked === undefined || !Number.isInteger(asked) || asked < 0) return undefined;
  return asked === 0 ? PAGE_SIZE : Math.min(asked, MAX_PAGE_SIZE);
};

const withPageSize = (given: ToolArguments, size: number): ToolArguments => ({
  ...given,
  value: new Map([...given.value, ["pageSize", size]]),
});
