import { runMain } from "@keynode/runtime/main";
import { contractService } from "./service.ts";

await runMain(contractService);
