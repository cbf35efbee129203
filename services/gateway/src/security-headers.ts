import type { IncomingMessage, ServerResponse } from "node:http";
import helmet from "helmet";

/** Answers are data: a browser shown one loads nothing and frames nothing. Fields that only pages need are left out. */
const API_OPTIONS: Parameters<typeof helmet>[0] = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { "default-src": ["'none'"], "frame-ancestors": ["'none'"] },
  },
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
};

/**
 * helmet's fields for answers of the API. They never change, so helmet is asked once instead of
 * at every request, and they go out in one piece with the others.
 */
export const apiSecurityHeaders = (): Readonly<Record<string, string>> => {
  const fields: Record<string, string> = {};
  const recorder = {
    setHeader: (name: string, value: unknown): void => {
      fields[name.toLowerCase()] = String(value);
    },
    removeHeader: (): void => undefined,
  };
  // helmet only sets and removes header fields, and looks at no request for these options.
  helmet(API_OPTIONS)({} as IncomingMessage, recorder as unknown as ServerResponse, () => undefined);
  return fields;
};
