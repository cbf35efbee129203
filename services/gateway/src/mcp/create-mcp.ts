import type { FileRegistry } from "@bufbuild/protobuf";
import type { Logger } from "@keynode/telemetry/logger";
import type { Cors } from "../cors.ts";
import type { Endpoint, EndpointTools } from "../transcoder/endpoint.ts";
import type { Route } from "../transcoder/routes.ts";
import type { Mode } from "./connection.ts";
import { createMcpEndpoint } from "./endpoint.ts";
import { readTools } from "./read-tools.ts";
import { createMcpFace } from "./server.ts";
import { contractTools } from "./tool.ts";
import { createToolSchemas } from "./tool-schema.ts";

export type McpOptions = {
  readonly registry: FileRegistry;
  readonly routes: readonly Route[];
  readonly tools: EndpointTools;
  readonly cors: Cors;
  readonly mode: Mode;
  readonly version: string;
  readonly log: Logger;
};

/** The contract's face for agents. Throws when a method that is to be a tool cannot be one. */
export const createMcp = ({ registry, routes, tools, cors, mode, version, log }: McpOptions): Endpoint => {
  const schemas = createToolSchemas(registry);
  const face = createMcpFace({ tools: readTools(contractTools(routes), schemas, tools), version });
  return createMcpEndpoint({ ...tools, cors, mode, face, log });
};
