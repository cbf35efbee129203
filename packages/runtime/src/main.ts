import { ConfigError } from "@keynode/config/load-config";
import { printConfig } from "@keynode/config/print-config";
import { loadServiceConfig, schemaOf, type ServiceConfig, type ServiceVariables } from "./service-config.ts";
import type { ServiceDefinition } from "./service-definition.ts";
import { startService } from "./start-service.ts";

/**
 * Runs a service as a process: `--print-config` shows its configuration and ends; SIGTERM and SIGINT drain it and end
 * with 0; a configuration that does not fit ends with 78 (EX_CONFIG), naming each bad variable.
 */
export const runMain = async <Variables extends ServiceVariables>(
  definition: ServiceDefinition<Variables>,
): Promise<void> => {
  let config: ServiceConfig<Variables>;
  try {
    config = loadServiceConfig(definition);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${definition.name}: ${error.message}\n`);
    process.exitCode = 78;
    return;
  }
  if (process.argv.includes("--print-config")) {
    process.stdout.write(`${printConfig(schemaOf(definition), config)}\n`);
    return;
  }
  const running = await startService(definition, config);
  const stop = (): void => {
    void running.stop().then(() => process.exit(0));
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
};
