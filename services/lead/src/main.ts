import { runMain } from "@keynode/runtime/main";
import { leadService } from "./service.ts";

await runMain(leadService);
