import path from "node:path";
import { loadConfig } from "@keynode/config/load-config";
import { oneOf, port, text } from "@keynode/config/variables";
import { z } from "zod";

const schema = z.object({
  /** Where data, secrets, logs and credentials are kept. */
  KEYNODE_HOME: text().default(".keynode"),
  /** Address and port of the gateway. Without a port: the one used last, 8080, or any free one. */
  KEYNODE_HTTP_HOST: text().default("127.0.0.1"),
  KEYNODE_HTTP_PORT: port().optional(),
  /** Ports of the engines. Without: those used last, or any free ones. */
  KEYNODE_MONGODB_PORT: port().optional(),
  KEYNODE_NATS_PORT: port().optional(),
  LOG_LEVEL: oneOf("trace", "debug", "info", "warn", "error", "fatal", "silent").default("info"),
});

/** What `npm start` may be told by the environment. */
export type Settings = {
  readonly home: string;
  readonly httpHost: string;
  readonly httpPort: number | undefined;
  readonly mongodbPort: number | undefined;
  readonly natsPort: number | undefined;
  readonly logLevel: string;
};

/** Throws, naming each variable that does not fit. A relative KEYNODE_HOME is taken from `root`. */
export const readSettings = (root: string, environment: NodeJS.ProcessEnv = process.env): Settings => {
  const config = loadConfig(schema, environment);
  return {
    home: path.resolve(root, config.KEYNODE_HOME),
    httpHost: config.KEYNODE_HTTP_HOST,
    httpPort: config.KEYNODE_HTTP_PORT,
    mongodbPort: config.KEYNODE_MONGODB_PORT,
    natsPort: config.KEYNODE_NATS_PORT,
    logLevel: config.LOG_LEVEL,
  };
};
