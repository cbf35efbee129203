import { ConfigError, loadConfig } from "@keynode/config/load-config";
import { printConfig } from "@keynode/config/print-config";
import { serviceSchema } from "./service-config.ts";
import type { ServiceDefinition } from "./service-definition.ts";
import { startService } from "./start-service.ts";

/**
 * Runs a service as a process: `--print-config` shows its configuration and ends; SIGTERM and SIGINT drain it and end
 * with 0; a configuration that does not fit ends with 78 (EX_CONFIG), naming each bad variable.
 */
export const runMain = async (definition: ServiceDefinition): Promise<void> => {
  let config: ReturnType<typeof loadConfig<typeof serviceSchema.shape>>;
  try {
    config = loadConfig(serviceSchema);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${definition.name}: ${error.message}\n`);
    process.exitCode = 78;
    return;
  }
  if (process.argv.includes("--print-config")) {
    process.stdout.write(`${printConfig(serviceSchema, config)}\n`);
    return;
  }
  const running = await startService(definition, config);
  const stop = (): void => {
    void running.stop().then(() => process.exit(0));
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
};
