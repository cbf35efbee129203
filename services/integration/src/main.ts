import { runMain } from "@keynode/runtime/main";
import { integrationService } from "./service.ts";

await runMain(integrationService);
