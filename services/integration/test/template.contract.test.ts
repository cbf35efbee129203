import { newId } from "@keynode/aggregate/type-id";
import { Template_View } from "@keynode/contracts/crm/identity/v1/template";
import { TemplateApplicationRequested } from "@keynode/contracts/crm/identity/v1/template_application_events";
import { SavedViewServiceService } from "@keynode/contracts/crm/integration/v1/saved_view_service";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, expect, test } from "vitest";
import { integrationService } from "../src/service.ts";

let under: ServiceUnderTest;

beforeAll(async () => {
  under = await startForTest(integrationService);
});

test("a template's view is saved once, for everybody, under the id that the event names", async () => {
  const [recordId, actor] = [newId("view"), newId("user")];
  const view = Template_View.fromPartial({
    key: "newLeads",
    displayName: { en: "New leads", zh: "新线索" },
    collection: "leads",
    filter: 'status = "NEW"',
    columns: ["name"],
  });
  const event = under.event({
    context: "identity",
    kind: "templateapplication",
    recordId: newId("templateapplication"),
    type: "TemplateApplicationRequested",
    codec: TemplateApplicationRequested,
    message: TemplateApplicationRequested.fromPartial({
      templateKey: "retail",
      views: [view],
      parts: [{ kind: "SAVED_VIEW", key: "newLeads", recordId, outcome: "PENDING", reason: "" }],
    }),
    actor,
  });
  await under.publish(event, event);
  const reader = under.client(SavedViewServiceService, { actor: newId("user"), grants: { "savedViews.read": "own" } });
  expect(await reader.getSavedView({ id: recordId })).toMatchObject({
    name: "新线索 New leads",
    ownerId: actor,
    shared: true,
    collection: "leads",
    filter: 'status = "NEW"',
    columns: ["name"],
  });
  expect(await under.recorded(recordId)).toHaveLength(1);
});
