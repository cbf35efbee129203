import { onWake } from "@keynode/api/alarm";
import { BehaviourServiceService } from "@keynode/contracts/crm/engagement/v1/behaviour_service";
import { TaskServiceService } from "@keynode/contracts/crm/engagement/v1/task_service";
import { implement } from "@keynode/grpc/implement";
import { customers } from "@keynode/runtime/copies/customers";
import { customersChildren } from "@keynode/runtime/customers-children";
import type { ServiceDefinition } from "@keynode/runtime/service-definition";
import { behaviourApi } from "./api/behaviour.ts";
import { behaviourContext, taskContext } from "./api/context.ts";
import { taskApi } from "./api/task.ts";
import { behaviourAggregate } from "./behaviour.ts";
import { engagementErrors } from "./domain/errors.ts";
import { conversions } from "./projections/conversions.ts";
import { onConversion } from "./reactors/on-conversion.ts";
import { onForm } from "./reactors/on-form.ts";
import { onInquiry } from "./reactors/on-inquiry.ts";
import { onPurchase } from "./reactors/on-purchase.ts";
import { taskAggregate } from "./task.ts";

/** Composition root: the only wiring. */
export const engagementService: ServiceDefinition = {
  name: "engagement",
  errors: engagementErrors,
  build: (tools) => {
    const tasks = tools.store(taskAggregate);
    const behaviours = tools.store(behaviourAggregate);
    const conversionCopy = tools.projection(conversions);
    const followed = customersChildren(
      behaviours,
      "Behaviour",
      behaviourContext,
      { copy: tools.projection(customers) },
      tools,
    );
    return {
      implementations: [
        implement(TaskServiceService, taskApi(tasks)),
        implement(BehaviourServiceService, behaviourApi(behaviours, followed)),
      ],
      reactors: [
        onForm(behaviours, conversionCopy, followed, tools),
        onConversion(behaviours, conversionCopy, followed, tools),
        followed.reactor,
        onInquiry(tasks, tools),
        onPurchase(tasks, tools),
      ],
      alarms: [onWake(tasks, { type: "Remind" }, taskContext)],
    };
  },
};
