import { Parser } from "@asyncapi/parser";
import { registry } from "@keynode/contracts/descriptors";
import { eventTypes } from "@keynode/contracts/events";
import { asyncApiDocument } from "@keynode/gateway/asyncapi/document";
import { eventsPage } from "@keynode/gateway/asyncapi/events-page";
import { describe, expect, it } from "vitest";

const types = eventTypes(registry()).map(({ type }) => type);

describe("the AsyncAPI document", () => {
  const document = asyncApiDocument(registry(), "0.1.0");

  it("is valid AsyncAPI 3.0, its examples by their schemas", async () => {
    const { document: parsed, diagnostics } = await new Parser().parse(JSON.stringify(document));
    const severe = diagnostics.filter(({ severity }) => severity <= 1);
    expect(severe.map(({ message, path }) => `${path.join(".")}: ${message}`)).toEqual([]);
    expect(parsed?.version()).toBe("3.0.0");
    expect(parsed?.allMessages().all()).toHaveLength(types.length);
  }, 60_000);

  it("has every event of the contract, each on its own subject", () => {
    expect(Object.keys(document.components.messages)).toEqual(types);
    expect(document.channels["lead.LeadCaptured"]?.address).toBe("crm.v1.lead.LeadCaptured.{tenant}");
    expect(document.components.messages["crm.lead.v1.LeadCaptured"]?.payload).toEqual({
      $ref: "#/components/schemas/LeadCaptured",
    });
  });
});

describe("the catalogue of events", () => {
  it.each(["en", "zh"] as const)("shows each event with its fields and an example, in %s", (locale) => {
    const page = eventsPage(registry(), locale);
    expect(types.filter((type) => !page.includes(`<section id="${type}">`))).toEqual([]);
    expect(page).toContain(`<html lang="${locale}">`);
    expect(page).toContain("&#34;type&#34;: &#34;crm.lead.v1.LeadCaptured&#34;");
    expect(page).not.toContain("undefined");
  });
});
