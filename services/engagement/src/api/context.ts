import type { Attempt } from "@keynode/aggregate/store";
import type { BehaviourContext } from "../domain/behaviour/behaviour.ts";
import type { TaskContext } from "../domain/task/task.ts";

export const taskContext = ({ now, actor }: Attempt): TaskContext => ({ now, actor });

export const behaviourContext = ({ now }: Attempt): BehaviourContext => ({ now });
