import { runMain } from "@keynode/runtime/main";
import { serviceService } from "./service.ts";

await runMain(serviceService);
