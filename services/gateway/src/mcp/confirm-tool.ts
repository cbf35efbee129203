import type { CallToolResult } from "@modelcontextprotocol/server";
import type { Locale } from "@keynode/decider/error-table";
import { type Exchange, isRefusal } from "../exchange.ts";
import { type FieldError, refuse } from "../problem.ts";
import type { EndpointTools } from "../transcoder/endpoint.ts";
import { type ViolationCode, violationMessage } from "../violation.ts";
import type { Confirmations } from "./confirmation.ts";
import { createMethodCall, type Visit } from "./method-call.ts";
import type { ServedTool } from "./served-tool.ts";
import type { Tool } from "./tool.ts";
import type { ToolArguments } from "./tool-arguments.ts";
import { answeredResult, refusedResult } from "./tool-result.ts";
import { conditions } from "./write-tools.ts";

const ARGUMENT = "confirmation";

const TITLES: Readonly<Record<Locale, string>> = { en: "Does what another tool has shown", zh: "执行已预览的操作" };

const DESCRIPTIONS: Readonly<Record<Locale, string>> = {
  en: `Does what another tool has shown, exactly that and once: a repeat gets the same answer. Ask the person you work for first.

Refused with CONFIRMATION_INVALID when the confirmation was altered or is somebody else's, with CONFIRMATION_EXPIRED after ten minutes, and with ETAG_MISMATCH when the record has changed since it was shown: then call the other tool again.`,
  zh: `执行另一工具已预览的操作：与预览完全一致，且只执行一次，重复调用得到相同结果。请先征得用户同意。

确认码被改动或属于他人时以 CONFIRMATION_INVALID 拒绝；超过十分钟以 CONFIRMATION_EXPIRED 拒绝；记录在预览后已被修改则以 ETAG_MISMATCH 拒绝，此时请重新调用原工具。`,
};

/** The one tool that changes anything. */
export const confirmTool = (
  tools: readonly Tool[],
  served: readonly ServedTool[],
  calls: Pick<EndpointTools, "codec" | "invoker">,
  confirmations: Confirmations,
): ServedTool => {
  const byName = new Map(
    tools.filter(({ isRead }) => !isRead).map((tool) => [tool.name, createMethodCall(tool, calls)]),
  );

  const run = async (visit: Visit, given: ToolArguments): Promise<CallToolResult> => {
    const { exchange, caller } = visit;
    const token = given.value.get(ARGUMENT);
    const errors = wrongArguments(given, exchange);
    if (errors.length > 0 || typeof token !== "string")
      return refusedResult(visit, refuse("INVALID_REQUEST", exchange.locale, { errors }));
    const change = confirmations.open(token, caller.principal);
    if (change === "expired") return refusedResult(visit, refuse("CONFIRMATION_EXPIRED", exchange.locale));
    const call = change === "invalid" ? undefined : byName.get(change.tool);
    if (change === "invalid" || call === undefined) {
      return refusedResult(visit, refuse("CONFIRMATION_INVALID", exchange.locale));
    }
    const answer = await call.send(visit, change.message, conditions(change));
    if (isRefusal(answer)) return refusedResult(visit, answer);
    const { consistency } = answer;
    return {
      ...answeredResult(answer),
      ...(consistency !== undefined && { _meta: { "keynode/consistency": consistency } }),
    };
  };

  return {
    name: "confirm",
    isRead: false,
    isOffered: (visit) => served.some((tool) => tool.isOffered(visit)),
    definition: (locale) => ({
      name: "confirm",
      title: TITLES[locale],
      description: DESCRIPTIONS[locale],
      inputSchema: {
        type: "object",
        properties: { [ARGUMENT]: { type: "string", minLength: 1, description: "As the other tool gave it." } },
        required: [ARGUMENT],
        additionalProperties: false,
      },
      outputSchema: { type: "object", description: "The record after the change." },
      annotations: {
        title: TITLES[locale],
        readOnlyHint: false,
        destructiveHint: true,
        idempotentHint: true,
        openWorldHint: false,
      },
    }),
    run,
  };
};

const wrongArguments = ({ value, violations }: ToolArguments, { locale }: Exchange): FieldError[] => {
  const wrong = (name: string, code: ViolationCode): FieldError => ({
    parameter: name,
    code,
    message: violationMessage({ path: [], code }, locale),
  });
  const unknown = [...value.keys()].filter((name) => name !== ARGUMENT).map((name) => wrong(name, "UNKNOWN_FIELD"));
  const isText = typeof value.get(ARGUMENT) === "string";
  return [
    ...violations.map(({ path, code }) => wrong(path.join("."), code)),
    ...unknown,
    ...(isText ? [] : [wrong(ARGUMENT, "EXPECTED_STRING")]),
  ];
};
