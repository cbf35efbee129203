import { runMain } from "@keynode/runtime/main";
import { opportunityService } from "./service.ts";

await runMain(opportunityService);
