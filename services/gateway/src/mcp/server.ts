import { ProtocolError, ProtocolErrorCode, type RequestId, Server, type Tool } from "@modelcontextprotocol/server";
import type { Locale } from "@keynode/decider/error-table";
import { refuse } from "../problem.ts";
import type { Visit } from "./method-call.ts";
import type { Resources } from "./resources.ts";
import type { ServedTool } from "./served-tool.ts";
import { NO_ARGUMENTS, type ToolArguments } from "./tool-arguments.ts";
import { refusedResult } from "./tool-result.ts";

/** What one request of an agent says, as far as the protocol's library does not keep it as it was written. */
export type Said = { readonly argumentsOf: ReadonlyMap<RequestId, ToolArguments> };

/** Makes what answers one request: nothing is kept between two, so that any gateway may answer the next. */
export type McpFace = (visit: Visit, said: Said) => Server;

export type McpFaceOptions = {
  readonly tools: readonly ServedTool[];
  readonly resources: Resources;
  readonly version: string;
};

const INSTRUCTIONS: Readonly<Record<Locale, string>> = {
  en: "Keynode is a CRM. Lists are paged: go on with `nextPageToken` as `pageToken`. A tool that changes something only shows what it would do, and gives a `confirmation`; show that to the person you work for, then call `confirm` with it.",
  zh: "Keynode 是客户关系管理系统。列表分页返回：将 `nextPageToken` 作为 `pageToken` 即可继续。会产生修改的工具只预览结果并给出 `confirmation`；请先向用户展示预览，再用它调用 `confirm`。",
};

export const createMcpFace = ({ tools, resources, version }: McpFaceOptions): McpFace => {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const definitions = new Map<string, Tool>();

  const definitionOf = (tool: ServedTool, locale: Locale): Tool => {
    const key = `${locale} ${tool.name}`;
    const known = definitions.get(key) ?? tool.definition(locale);
    definitions.set(key, known);
    return known;
  };

  return (visit, { argumentsOf }) => {
    const { locale } = visit.exchange;
    const isOpen = ({ isRead }: ServedTool): boolean => isRead || !visit.isReadOnly;
    const server = new Server(
      { name: "keynode", title: "Keynode", version },
      { capabilities: { tools: {}, resources: {} }, instructions: INSTRUCTIONS[locale] },
    );

    server.setRequestHandler("tools/list", () => ({
      tools: tools.filter((tool) => isOpen(tool) && tool.isOffered(visit)).map((tool) => definitionOf(tool, locale)),
    }));

    server.setRequestHandler("tools/call", async ({ params }, { mcpReq }) => {
      const tool = byName.get(params.name);
      if (tool === undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, "There is no such tool.");
      if (!isOpen(tool)) return refusedResult(visit, refuse("READ_ONLY_CONNECTION", locale));
      return await tool.run(visit, argumentsOf.get(mcpReq.id) ?? NO_ARGUMENTS);
    });

    server.setRequestHandler("resources/templates/list", () => ({ resourceTemplates: resources.templates(visit) }));
    server.setRequestHandler("resources/list", ({ params }) => resources.list(visit, params?.cursor));
    server.setRequestHandler("resources/read", ({ params }) => resources.read(visit, params.uri));
    return server;
  };
};
