import { runMain } from "@keynode/runtime/main";
import { accountService } from "./service.ts";

await runMain(accountService);
