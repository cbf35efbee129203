import { runMain } from "@keynode/runtime/main";
import { engagementService } from "./service.ts";

await runMain(engagementService);
