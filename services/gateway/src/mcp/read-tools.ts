import type { EndpointTools } from "../transcoder/endpoint.ts";
import { createMethodCall } from "./method-call.ts";
import { runRead } from "./read-tool.ts";
import { isGranted, type ServedTool } from "./served-tool.ts";
import type { Tool } from "./tool.ts";
import type { ToolSchemas } from "./tool-schema.ts";

/** Tools without effect, which answer at once. */
export const readTools = (
  tools: readonly Tool[],
  schemas: ToolSchemas,
  calls: Pick<EndpointTools, "codec" | "invoker">,
): ServedTool[] =>
  tools
    .filter(({ isRead }) => isRead)
    .map((tool) => {
      const { name, title, description, route } = tool;
      const call = createMethodCall(tool, calls);
      return {
        name,
        isRead: true,
        isOffered: (visit) => isGranted(visit, route.rules.permission),
        definition: () => ({
          name,
          title,
          description,
          inputSchema: schemas.input(tool),
          outputSchema: schemas.answer(tool),
          annotations: { title, readOnlyHint: true, openWorldHint: false },
        }),
        run: (visit, given) => runRead(tool, call, visit, given),
      };
    });
