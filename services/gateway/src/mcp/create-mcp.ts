import type { FileRegistry } from "@bufbuild/protobuf";
import type { Logger } from "@keynode/telemetry/logger";
import type { Cors } from "../cors.ts";
import { PROFILE_TEXT } from "../openapi/document.ts";
import type { Profile } from "../profile.ts";
import type { Endpoint, EndpointTools } from "../transcoder/endpoint.ts";
import type { Route } from "../transcoder/routes.ts";
import { confirmTool } from "./confirm-tool.ts";
import { createConfirmations } from "./confirmation.ts";
import type { Mode } from "./connection.ts";
import { createMcpEndpoint } from "./endpoint.ts";
import { createProfileReader, profileTool } from "./profile-tool.ts";
import { readTools } from "./read-tools.ts";
import { createResources } from "./resources.ts";
import { createMcpFace } from "./server.ts";
import { contractTools } from "./tool.ts";
import { createToolSchemas } from "./tool-schema.ts";
import { writeTools } from "./write-tools.ts";

export type McpOptions = {
  readonly registry: FileRegistry;
  readonly routes: readonly Route[];
  readonly profile: Profile | undefined;
  readonly tools: EndpointTools;
  readonly cors: Cors;
  readonly mode: Mode;
  /** What all gateways of the installation share and nobody else knows: confirmations are sealed by it. */
  readonly secret: string;
  readonly version: string;
  readonly log: Logger;
};

/** The contract's face for agents. Throws when a method that is to be a tool cannot be one. */
export const createMcp = (options: McpOptions): Endpoint => {
  const { registry, routes, profile, tools, cors, mode, secret, version, log } = options;
  const schemas = createToolSchemas(registry);
  const confirmations = createConfirmations(secret);
  const known = contractTools(routes);
  const get = known.find(({ route }) => route === profile?.get);
  const whole = profile && get && { profile, get, call: createProfileReader(profile, get, tools) };
  const changing = writeTools(known, schemas, tools, confirmations);
  const served = [
    ...readTools(known, schemas, tools),
    ...(whole ? [profileTool(whole.profile, whole.get, schemas, whole.call)] : []),
    ...changing,
    confirmTool(known, changing, tools, confirmations),
  ];
  const resources = createResources(known, tools, whole && { ...whole, title: PROFILE_TEXT.summary });
  return createMcpEndpoint({ ...tools, cors, mode, face: createMcpFace({ tools: served, resources, version }), log });
};
