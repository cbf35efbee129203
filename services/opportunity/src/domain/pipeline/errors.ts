import type { ErrorTable } from "@keynode/decider/error-table";

/** Why pipelines are refused. */
export const pipelineErrors = {
  PIPELINE_STAGES_INVALID: {
    code: "INVALID_ARGUMENT",
    message: { en: "The pipeline's stages and moves do not fit together.", zh: "管道的阶段与转移规则不一致。" },
  },
  STAGES_MISSING: {
    code: "INVALID_ARGUMENT",
    message: { en: "must have at least one stage", zh: "至少需要一个阶段" },
  },
  STAGE_KEY_REPEATED: {
    code: "INVALID_ARGUMENT",
    message: { en: "is the key of a stage before it", zh: "与前面某个阶段的键重复" },
  },
  MOVE_WITHOUT_STAGE: {
    code: "INVALID_ARGUMENT",
    message: { en: "is no stage of the pipeline", zh: "不是该管道的阶段" },
  },
  PIPELINE_STAGE_REMOVED: {
    code: "FAILED_PRECONDITION",
    message: {
      en: "Stages cannot be taken away, deals may stand in them: {stageKeys}.",
      zh: "阶段不可删除，可能有商机处于其中：{stageKeys}。",
    },
  },
  PIPELINE_DEFAULT: {
    code: "FAILED_PRECONDITION",
    message: {
      en: "The pipeline is the default one; make another one the default first.",
      zh: "该管道是默认管道，请先将其他管道设为默认。",
    },
  },
} satisfies ErrorTable;
