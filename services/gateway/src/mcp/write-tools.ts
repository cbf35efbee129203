import type { CallToolResult } from "@modelcontextprotocol/server";
import { resourceRules } from "@keynode/contracts/descriptors";
import type { Locale } from "@keynode/decider/error-table";
import { metadataKey } from "@keynode/grpc/metadata";
import { isRefusal } from "../exchange.ts";
import type { JsonSchema } from "../openapi/json-schema.ts";
import { refuse } from "../problem.ts";
import type { EndpointTools } from "../transcoder/endpoint.ts";
import type { Confirmations } from "./confirmation.ts";
import { differences, foretold } from "./differences.ts";
import { type Answered, createMethodCall, type MethodCall, type Visit } from "./method-call.ts";
import { isGranted, type ServedTool } from "./served-tool.ts";
import type { Tool } from "./tool.ts";
import { NO_ARGUMENTS, type ToolArguments } from "./tool-arguments.ts";
import { answeredResult, MAX_ANSWER_LENGTH, refusedResult } from "./tool-result.ts";
import type { ClosedSchema, ToolSchemas } from "./tool-schema.ts";

/** Longer requests cannot be shown: whoever confirms has to repeat them whole. */
const MAX_REQUEST_BYTES = 16 * 1024;

const NO_CHANGE: Readonly<Record<Locale, string>> = { en: "Nothing would change.", zh: "不会产生任何变化。" };

const TWO_STEPS: Readonly<Record<Locale, string>> = {
  en: "Changes nothing by itself: it shows what would happen and gives a `confirmation` for `confirm`, valid for ten minutes.",
  zh: "本身不作任何修改：仅预览结果，并给出供 `confirm` 使用的 `confirmation`，十分钟内有效。",
};

/**
 * Tools with an effect, which is two calls away. This one runs the command for real and without effect, and seals what was
 * asked, for whom, and on which version of the record; `confirm` does exactly that.
 */
export const writeTools = (
  tools: readonly Tool[],
  schemas: ToolSchemas,
  calls: Pick<EndpointTools, "codec" | "invoker">,
  confirmations: Confirmations,
): ServedTool[] => {
  const getOf = (tool: Tool): MethodCall | undefined => {
    const type = resourceRules(tool.route.method.output)?.type;
    const get = tools.find((one) => one.isRead && resourceRules(one.route.method.output)?.type === type);
    return type === undefined || get === undefined ? undefined : createMethodCall(get, calls);
  };

  return tools
    .filter(({ isRead }) => !isRead)
    .map((tool) => {
      const { name, title, description, route } = tool;
      const call = createMethodCall(tool, calls);
      const isOnRecord = route.variables.length > 0;
      const get = isOnRecord ? getOf(tool) : undefined;
      if (isOnRecord && get === undefined) throw new Error(`no tool shows the record that ${name} changes`);
      return {
        name,
        isRead: false,
        isOffered: (visit) => isGranted(visit, route.rules.permission),
        definition: (locale) => ({
          name,
          title,
          description: `${description}\n\n${TWO_STEPS[locale]}`,
          inputSchema: schemas.input(tool),
          outputSchema: previewSchema(tool, schemas),
          // What destroys is the confirmation; asked twice, this shows the same twice.
          annotations: {
            title,
            readOnlyHint: false,
            destructiveHint: false,
            idempotentHint: true,
            openWorldHint: false,
          },
        }),
        run: (visit, given) => preview({ tool, call, get, confirmations }, visit, given),
      };
    });
};

type Parts = {
  readonly tool: Tool;
  readonly call: MethodCall;
  /** Shows the record that is to be changed; undefined for what makes one. */
  readonly get: MethodCall | undefined;
  readonly confirmations: Confirmations;
};

const preview = async (
  { tool, call, get, confirmations }: Parts,
  visit: Visit,
  given: ToolArguments,
): Promise<CallToolResult> => {
  const { exchange, caller } = visit;
  const message = call.encode(visit, given);
  if (!Buffer.isBuffer(message)) return refusedResult(visit, message);
  if (message.length > MAX_REQUEST_BYTES) {
    const metadata = { limitBytes: String(MAX_REQUEST_BYTES) };
    return refusedResult(visit, refuse("BODY_TOO_LARGE", exchange.locale, { metadata }));
  }
  const before = get && (await current(get, visit, given));
  const etag = before === undefined || isRefusal(before) ? "" : etagOf(before, given);
  const idempotencyKey = confirmations.newKey();
  const after = await call.send(visit, message, [
    [metadataKey.validateOnly, "true"],
    ...conditions({ etag, idempotencyKey }),
  ]);
  // What the command itself says comes first: it names wrong arguments, and rights that are missing.
  if (isRefusal(after)) return refusedResult(visit, after);
  if (before !== undefined && isRefusal(before)) return refusedResult(visit, before);
  const { token, expireTime } = confirmations.seal(
    { tool: tool.name, message, etag, idempotencyKey },
    caller.principal,
  );
  const changes = differences(before?.json ?? {}, after.json);
  return shown({
    confirmation: token,
    expireTime: expireTime.toISOString(),
    changes,
    warnings: changes.length > 0 ? [] : [{ code: "NO_CHANGE", message: NO_CHANGE[exchange.locale] }],
    record: foretold(after.json),
  });
};

/** The version that was read; none where the request names its own, which then is what counts. */
const etagOf = ({ json }: Answered, given: ToolArguments): string => {
  const { etag } = json;
  return typeof etag === "string" && (given.value.get("etag") ?? "") === "" ? etag : "";
};

const current = async (get: MethodCall, visit: Visit, given: ToolArguments): ReturnType<MethodCall["send"]> => {
  const id = given.value.get("id");
  const message = get.encode(visit, { ...NO_ARGUMENTS, value: new Map(id === undefined ? [] : [["id", id]]) });
  return Buffer.isBuffer(message) ? await get.send(visit, message) : message;
};

/** A record that is too long to be shown twice is shown by what changes. */
const shown = ({ record, ...json }: Readonly<Record<string, unknown>>): CallToolResult => {
  const whole = answerOf({ ...json, record });
  return answeredResult(whole.text.length > MAX_ANSWER_LENGTH ? answerOf(json) : whole);
};

const answerOf = (json: Answered["json"]): Pick<Answered, "json" | "text"> => ({ json, text: JSON.stringify(json) });

/** What makes a change happen once, and only to the record as it was shown. */
export const conditions = ({ etag, idempotencyKey }: { readonly etag: string; readonly idempotencyKey: string }) => [
  [metadataKey.idempotencyKey, idempotencyKey] as const,
  ...(etag === "" ? [] : [[metadataKey.ifMatch, etag] as const]),
];

const previewSchema = ({ route }: Tool, { closeAnswer, messages }: ToolSchemas): ClosedSchema => {
  const text: JsonSchema = { type: "string" };
  return closeAnswer({
    type: "object",
    properties: {
      confirmation: text,
      expireTime: { type: "string", format: "date-time" },
      changes: {
        type: "array",
        items: {
          type: "object",
          properties: { field: text, before: {}, after: {} },
          required: ["field"],
          additionalProperties: false,
        },
      },
      warnings: {
        type: "array",
        items: { type: "object", properties: { code: text, message: text }, required: ["code", "message"] },
      },
      record: messages.message(route.method.output),
    },
    required: ["confirmation", "expireTime", "changes", "warnings"],
    additionalProperties: false,
  });
};
