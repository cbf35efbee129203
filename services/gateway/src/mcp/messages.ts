import { ProtocolErrorCode, type RequestId } from "@modelcontextprotocol/server";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../transcoder/codec/json-text.ts";
import type { JsonPath, Violation } from "../violation.ts";
import { plainJson, type ToolArguments } from "./tool-arguments.ts";

/** Messages of one request: several only where the protocol's version knows batches, and then not many. */
export const MAX_BATCH = 10;

/** The only version that has JSON-RPC batches, and what a request without a version is taken for. */
const BATCH_VERSION = "2025-03-26";

/** What a request's body says, as the protocol's library takes it and as tools do. */
export type Messages = {
  readonly body: unknown;
  readonly count: number;
  readonly argumentsOf: ReadonlyMap<RequestId, ToolArguments>;
};

/** A request that is answered with a JSON-RPC error, before any message of it is looked at. */
export type JsonRpcFault = { readonly code: number; readonly message: string; readonly data?: unknown };

export const isFault = (outcome: Messages | JsonRpcFault): outcome is JsonRpcFault => "code" in outcome;

/** Where the arguments of a tool stand in a message. */
const ARGUMENTS = ["params", "arguments"] as const;

/** Takes a body apart. What is wrong with a tool's arguments is left for the tool to say, with what else is wrong there. */
export const readMessages = (
  value: Json,
  violations: readonly Violation[],
  version: string | undefined,
): Messages | JsonRpcFault => {
  const isBatch = isJsonArray(value);
  if (isBatch && (version ?? BATCH_VERSION) !== BATCH_VERSION) {
    return invalid(`This version of the protocol has no batches: ${version}.`);
  }
  const messages = isBatch ? value : [value];
  if (messages.length > MAX_BATCH) return invalid(`A batch holds at most ${MAX_BATCH} messages.`);
  const argumentsOf = new Map<RequestId, ToolArguments>();
  let noted = 0;
  for (const [index, message] of messages.entries()) {
    if (!isJsonObject(message)) continue;
    const place = isBatch ? [index, ...ARGUMENTS] : ARGUMENTS;
    const inside = violations.flatMap((violation) => within(place, violation));
    noted += inside.length;
    const id = message.get("id");
    if (typeof id !== "string" && typeof id !== "number") continue;
    if (argumentsOf.has(id)) return invalid("Two messages have the same id.");
    argumentsOf.set(id, { value: argumentsIn(message), violations: inside });
  }
  if (noted < violations.length) {
    return invalid("The message is not as it should be.", { violations: violations.map(said) });
  }
  return { body: plainJson(value), count: messages.length, argumentsOf };
};

const invalid = (message: string, data?: unknown): JsonRpcFault => ({
  code: ProtocolErrorCode.InvalidRequest,
  message,
  ...(data !== undefined && { data }),
});

const said = ({ path, code }: Violation) => ({ path: path.join("."), code });

const argumentsIn = (message: JsonObject): JsonObject => {
  const params = message.get("params");
  const given = params !== undefined && isJsonObject(params) ? params.get("arguments") : undefined;
  return given !== undefined && isJsonObject(given) ? given : new Map();
};

/** The violation as its place inside another has it. */
const within = (place: JsonPath, violation: Violation): Violation[] =>
  place.every((part, index) => violation.path[index] === part)
    ? [{ ...violation, path: violation.path.slice(place.length) }]
    : [];
