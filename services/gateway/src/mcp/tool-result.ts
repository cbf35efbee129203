import type { CallToolResult } from "@modelcontextprotocol/server";
import { problemOf, type Refusal } from "../problem.ts";
import type { Answered, Visit } from "./method-call.ts";

/** The longest answer, in characters: some ten thousand words of an agent's memory. */
export const MAX_ANSWER_LENGTH = 64 * 1024;

/** An answer to an agent: the JSON for programs, and the same as text for those that read nothing else. */
export const answeredResult = ({ json, text }: Pick<Answered, "json" | "text">): CallToolResult => ({
  content: [{ type: "text", text }],
  structuredContent: json,
});

/** A refusal as REST would say it. It is the tool's answer, not the protocol's: an agent may read it and do better. */
export const refusedResult = ({ exchange }: Visit, refusal: Refusal): CallToolResult => {
  exchange.reason = refusal.reason;
  const problem = problemOf(refusal, exchange.requestId, exchange.path);
  return { isError: true, content: [{ type: "text", text: JSON.stringify(problem) }] };
};
