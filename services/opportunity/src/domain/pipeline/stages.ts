import type { Pipeline } from "@keynode/contracts/crm/opportunity/v1/pipeline";
import { type DomainError, type FieldViolation, reject } from "@keynode/decider/domain-error";

/** The stages that a deal may move to from one stage: the next one, and those that the pipeline allows besides. */
export const legalMoves = ({ stages, allowedMoves }: Pipeline, from: string): string[] => {
  const position = stages.findIndex(({ key }) => key === from);
  const next = position === -1 ? undefined : stages[position + 1]?.key;
  const allowed = allowedMoves.filter(({ fromKey, toKey }) => fromKey === from && toKey !== from);
  return [...new Set([...(next === undefined ? [] : [next]), ...allowed.map(({ toKey }) => toKey)])];
};

/** Errors: PIPELINE_STAGES_INVALID naming every stage and move that does not fit. */
export const refuseStages = ({ stages, allowedMoves }: Pipeline): DomainError | undefined => {
  const keys = stages.map(({ key }) => key);
  const missing = stages.length === 0 ? [{ field: "pipeline.stages", reason: "STAGES_MISSING" }] : [];
  const repeated = keys.flatMap((key, index) =>
    keys.indexOf(key) === index ? [] : [{ field: `pipeline.stages[${index}].key`, reason: "STAGE_KEY_REPEATED" }],
  );
  const astray = allowedMoves.flatMap(({ fromKey, toKey }, index): FieldViolation[] =>
    Object.entries({ from_key: fromKey, to_key: toKey })
      .filter(([, key]) => !keys.includes(key))
      .map(([field]) => ({ field: `pipeline.allowed_moves[${index}].${field}`, reason: "MOVE_WITHOUT_STAGE" })),
  );
  const violations = [...missing, ...repeated, ...astray];
  return violations.length === 0 ? undefined : reject("PIPELINE_STAGES_INVALID", {}, violations);
};

/** Errors: STAGE_UNKNOWN. */
export const refuseUnknownStage = ({ stages }: Pipeline, stageKey: string): DomainError | undefined =>
  stages.some(({ key }) => key === stageKey) ? undefined : reject("STAGE_UNKNOWN", { stageKey });

/** Errors: STAGE_SKIPPED naming the moves that are legal. */
export const refuseIllegalMove = (pipeline: Pipeline, from: string, to: string): DomainError | undefined => {
  const allowed = legalMoves(pipeline, from);
  return allowed.includes(to) ? undefined : reject("STAGE_SKIPPED", { from, to, allowed: allowed.join(", ") });
};
