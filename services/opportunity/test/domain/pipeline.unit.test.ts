import type { Pipeline } from "@keynode/contracts/crm/opportunity/v1/pipeline";
import { isDomainError } from "@keynode/decider/domain-error";
import { specify } from "@keynode/decider/testing";
import { describe, expect, it } from "vitest";
import { decide } from "../../src/domain/pipeline/decide.ts";
import { defaultPipeline } from "../../src/domain/pipeline/default-pipeline.ts";
import type { PipelineEvent } from "../../src/domain/pipeline/events.ts";
import { evolve } from "../../src/domain/pipeline/evolve.ts";
import { legalMoves, refuseStages } from "../../src/domain/pipeline/stages.ts";

const context = { now: new Date("2026-03-01T08:00:00Z") };
const noEtag = { id: "pipeline_1", etag: "" };
const stage = (key: string) => ({ key, nameEn: key, nameZh: key, probability: 0 });
const pipeline: Pipeline = {
  ...defaultPipeline,
  default: false,
  stages: ["trial", "offer", "talks"].map(stage),
  allowedMoves: [{ fromKey: "offer", toKey: "trial" }],
};
const created: PipelineEvent = { type: "PipelineCreated", pipeline };
const update = (changes: Partial<Pipeline>, ...updateMask: string[]) =>
  ({ type: "UpdatePipeline", pipeline: { ...pipeline, ...changes }, updateMask }) as const;
const rules = specify({ decide, evolve });

describe("a pipeline's stages", () => {
  it("fit together in the default one", () => {
    expect(refuseStages(defaultPipeline)).toBeUndefined();
  });
  it("are refused naming each that repeats a key and each move that leads astray", () => {
    const refused = decide(
      {
        type: "CreatePipeline",
        pipeline: {
          ...pipeline,
          stages: ["trial", "offer", "trial"].map(stage),
          allowedMoves: [
            { fromKey: "offer", toKey: "trial" },
            { fromKey: "offer", toKey: "won" },
          ],
        },
      },
      undefined,
      context,
    );
    expect(isDomainError(refused) && refused.reason).toBe("PIPELINE_STAGES_INVALID");
    expect(isDomainError(refused) && refused.violations).toEqual([
      { field: "pipeline.stages[2].key", reason: "STAGE_KEY_REPEATED" },
      { field: "pipeline.allowed_moves[1].to_key", reason: "MOVE_WITHOUT_STAGE" },
    ]);
  });
  it("cannot be none", () => {
    rules
      .given()
      .when({ type: "CreatePipeline", pipeline: { ...pipeline, stages: [], allowedMoves: [] } }, context)
      .thenRefused("PIPELINE_STAGES_INVALID");
  });
  it("may be renamed, reordered and added", () => {
    const stages = ["talks", "trial", "offer", "pilot"].map((key) => ({ ...stage(key), nameEn: `The ${key}` }));
    rules
      .given(created)
      .when(update({ stages }, "stages"), context)
      .thenTypes(["PipelineEdited"], (state) => {
        expect(state.stages).toEqual(stages);
      });
  });
  it("are never taken away", () => {
    rules
      .given(created)
      .when(update({ stages: [stage("trial")], allowedMoves: [] }, "stages", "allowed_moves"), context)
      .thenRefused("PIPELINE_STAGE_REMOVED", { stageKeys: "offer, talks" });
  });
  it("are refused when an update of them leaves a move astray", () => {
    const renamed = ["trial", "offer", "talks"].map(stage);
    rules
      .given(created)
      .when(update({ stages: renamed, allowedMoves: [{ fromKey: "won", toKey: "trial" }] }, "allowed_moves"), context)
      .thenRefused("PIPELINE_STAGES_INVALID");
  });
  it("are quiet when they stay as they are", () => {
    rules
      .given(created)
      .when(update({}, "stages", "name"), context)
      .thenNothing();
  });
});

describe("the legal moves", () => {
  it("are one step forward and those that the pipeline allows", () => {
    expect(legalMoves(pipeline, "trial")).toEqual(["offer"]);
    expect(legalMoves(pipeline, "offer")).toEqual(["talks", "trial"]);
    expect(legalMoves(pipeline, "talks")).toEqual([]);
  });
  it("of the default pipeline lead one step forward or back to any stage before", () => {
    const keys = defaultPipeline.stages.map(({ key }) => key);
    for (const [position, key] of keys.entries()) {
      expect(new Set(legalMoves(defaultPipeline, key))).toEqual(
        new Set([...keys.slice(0, position), ...keys.slice(position + 1, position + 2)]),
      );
    }
  });
});

describe("a pipeline", () => {
  it("that is the default one cannot be deleted", () => {
    const isDefault: PipelineEvent = { type: "PipelineCreated", pipeline: { ...pipeline, default: true } };
    rules
      .given(isDefault)
      .when({ type: "DeletePipeline", ...noEtag }, context)
      .thenRefused("PIPELINE_DEFAULT");
  });
  it("is deleted once and brought back once", () => {
    const gone: PipelineEvent = { type: "PipelineDeleted", deleteTime: context.now };
    rules
      .given(created)
      .when({ type: "DeletePipeline", ...noEtag }, context)
      .then(gone);
    rules
      .given(created, gone)
      .when({ type: "DeletePipeline", ...noEtag }, context)
      .thenNothing();
    rules
      .given(created, gone)
      .when({ type: "UndeletePipeline", ...noEtag }, context)
      .then({ type: "PipelineRestored" });
    rules
      .given(created)
      .when({ type: "UndeletePipeline", ...noEtag }, context)
      .thenNothing();
  });
  it("that is missing is not found", () => {
    rules
      .given()
      .when({ type: "DeletePipeline", ...noEtag }, context)
      .thenRefused("NOT_FOUND");
  });
});
