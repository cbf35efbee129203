import { runMain } from "@keynode/runtime/main";
import { identityService } from "./service.ts";

await runMain(identityService);
