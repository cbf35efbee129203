import { ConfigError, loadConfig } from "@keynode/config/load-config";
import { printConfig } from "@keynode/config/print-config";
import { type GatewayConfig, gatewaySchema } from "./config.ts";
import { start } from "./start.ts";

/** EX_CONFIG of sysexits.h. */
const EXIT_CONFIG = 78;

const readConfig = (): GatewayConfig | undefined => {
  try {
    return loadConfig(gatewaySchema);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`gateway: ${error.message}\n`);
    process.exitCode = EXIT_CONFIG;
    return undefined;
  }
};

const run = async (config: GatewayConfig): Promise<void> => {
  const gateway = await start(config);
  const stop = (): void => {
    void gateway.close().then(() => process.exit(0));
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
};

const config = readConfig();
if (config && process.argv.includes("--print-config")) process.stdout.write(`${printConfig(gatewaySchema, config)}\n`);
else if (config) await run(config);
