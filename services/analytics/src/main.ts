import { runMain } from "@keynode/runtime/main";
import { analyticsService } from "./service.ts";

await runMain(analyticsService);
