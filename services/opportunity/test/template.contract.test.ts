import { newId } from "@keynode/aggregate/type-id";
import { Template_Pipeline } from "@keynode/contracts/crm/identity/v1/template";
import { TemplateApplicationRequested } from "@keynode/contracts/crm/identity/v1/template_application_events";
import { PipelineServiceService } from "@keynode/contracts/crm/opportunity/v1/pipeline_service";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, expect, test } from "vitest";
import { opportunityService } from "../src/service.ts";

let under: ServiceUnderTest;

beforeAll(async () => {
  under = await startForTest(opportunityService);
});

const stage = (key: string, probability: number) => ({ key, displayName: { en: key, zh: "阶段" }, probability });
const wanted = Template_Pipeline.fromPartial({
  key: "tenders",
  displayName: { en: "Tenders", zh: "招标" },
  stages: [stage("bid", 20), stage("pitch", 60)],
});

const applied = (actor: string, ...parts: readonly { key: string; recordId: string; outcome: "PENDING" | "KEPT" }[]) =>
  under.event({
    context: "identity",
    kind: "templateapplication",
    recordId: newId("templateapplication"),
    type: "TemplateApplicationRequested",
    codec: TemplateApplicationRequested,
    message: TemplateApplicationRequested.fromPartial({
      templateKey: "services",
      pipelines: [wanted],
      parts: parts.map((part) => ({ ...part, kind: "PIPELINE", reason: "" })),
    }),
    actor,
  });

test("a template's pipeline is made once, under the id that the event names, for who applied the template", async () => {
  const [recordId, actor] = [newId("pipeline"), newId("user")];
  const event = applied(actor, { key: "tenders", recordId, outcome: "PENDING" });
  await under.publish(event, event);
  const pipelines = under.client(PipelineServiceService);
  expect(await pipelines.getPipeline({ id: recordId })).toMatchObject({
    name: "招标 Tenders",
    ownerId: actor,
    default: false,
    stages: [{ key: "bid", probability: 20 }, { key: "pitch" }],
    allowedMoves: [{ fromKey: "pitch", toKey: "bid" }],
  });
  expect(await under.recorded(recordId)).toHaveLength(1);
});

test("a pipeline that was deleted since, or that is settled, is not made again", async () => {
  const [recordId, settledId] = [newId("pipeline"), newId("pipeline")];
  const event = applied(newId("user"), { key: "tenders", recordId, outcome: "PENDING" });
  await under.publish(event);
  const pipelines = under.client(PipelineServiceService);
  await pipelines.deletePipeline({ id: recordId, etag: "" });
  await under.publish(
    applied(
      newId("user"),
      { key: "tenders", recordId, outcome: "PENDING" },
      { key: "tenders", recordId: settledId, outcome: "KEPT" },
    ),
  );
  expect((await pipelines.getPipeline({ id: recordId })).deleteTime).toBeInstanceOf(Date);
  await expect(pipelines.getPipeline({ id: settledId })).rejects.toMatchObject({ code: "NOT_FOUND" });
});
