import type { CallToolResult, Tool as ToolDefinition } from "@modelcontextprotocol/server";
import { grantedScope } from "@keynode/auth/principal";
import type { Locale } from "@keynode/decider/error-table";
import type { Visit } from "./method-call.ts";
import type { ToolArguments } from "./tool-arguments.ts";

/** A tool as the protocol shows and calls it. */
export type ServedTool = {
  readonly name: string;
  /** False for what may change something, or leads there: not on connections that only read. */
  readonly isRead: boolean;
  /** Whether a caller finds the tool. Whoever calls one all the same is refused by its service, as over REST. */
  readonly isOffered: (visit: Visit) => boolean;
  readonly definition: (locale: Locale) => ToolDefinition;
  readonly run: (visit: Visit, given: ToolArguments) => Promise<CallToolResult>;
};

/** Whether a caller's roles grant it at all; to which records is its service's matter. */
export const isGranted = ({ caller }: Visit, permission: string): boolean =>
  grantedScope(caller.principal, permission) !== undefined;
