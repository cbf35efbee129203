import type { Exchange } from "../exchange.ts";
import { isRefusal, sendRefusal } from "../exchange.ts";
import type { Admit } from "../auth/admission.ts";
import { JSON_TYPE } from "../transcoder/answer.ts";
import type { Endpoint } from "../transcoder/endpoint.ts";
import { parsePathTemplate } from "../transcoder/path-template.ts";

/** Where an agent asks the gateway. */
export const MCP_PATH = "/mcp";

const WELL_KNOWN = "/.well-known/oauth-protected-resource";
const HOST = /^(?:[\w.-]{1,253}|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/i;

/** The gateway's address as the client wrote it; undefined where that is none. */
const originOf = ({ request }: Exchange): string | undefined =>
  HOST.test(request.host ?? "") ? `${request.protocol}://${request.host}` : undefined;

/** The challenge of a 401 (RFC 9728 §5.1): it says where to read how to get in. */
export const challengeOf = (exchange: Exchange): string => {
  const origin = originOf(exchange);
  return origin === undefined
    ? 'Bearer realm="keynode"'
    : `Bearer realm="keynode", resource_metadata="${origin}${WELL_KNOWN}${MCP_PATH}"`;
};

/**
 * What OAuth clients may know of the resource (RFC 9728). It names no authorization server, because there is none:
 * Keynode hands out API keys and access tokens by its own API, which the documentation tells of.
 */
const metadataOf = (origin: string) => ({
  resource: `${origin}${MCP_PATH}`,
  resource_name: "Keynode",
  bearer_methods_supported: ["header"],
  resource_documentation: `${origin}/docs`,
});

/** Serves that metadata, at the resource's own place and at its host's. */
export const createProtectedResourceRoutes = (admit: Admit) => {
  const endpoint = (template: string): Endpoint => ({
    template,
    serve: async (exchange) => {
      const caller = await admit(exchange, true);
      if (caller !== "anonymous" && isRefusal(caller)) return sendRefusal(exchange, caller);
      const { response, headers, request } = exchange;
      const body = Buffer.from(JSON.stringify(metadataOf(originOf(exchange) ?? `${request.protocol}://localhost`)));
      response.writeHead(200, {
        ...headers,
        "content-type": JSON_TYPE,
        "content-length": body.length,
        "cache-control": "no-store",
      });
      response.end(body);
    },
  });
  return [WELL_KNOWN, `${WELL_KNOWN}${MCP_PATH}`].map((path) => ({
    template: parsePathTemplate(path),
    endpoint: endpoint(path),
  }));
};
