import { examples } from "@keynode/contracts/examples";
import { CustomField } from "@keynode/contracts/crm/identity/v1/custom_field";
import { registry } from "@keynode/contracts/descriptors";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import spectral, { type RulesetDefinition } from "@stoplight/spectral-core";
import rulesets from "@stoplight/spectral-rulesets";
import { beforeAll, describe, expect, it } from "vitest";
import { customValuesOf } from "../../src/openapi/custom-values.ts";
import { openApiDocument } from "../../src/openapi/document.ts";
import { contractProfile } from "../../src/profile.ts";
import { contractRoutes } from "../../src/transcoder/routes.ts";
import { tenantFields } from "../fixtures/tenant-fields.ts";

/** Both look at every node of half a megabyte by hundreds of rules. */
const LINT_TIMEOUT_MS = 180_000;

const routes = contractRoutes(registry());
const own = customValuesOf(
  tenantFields.map((field) => CustomField.fromPartial(field)),
  "zh",
);
const documents = { "of everybody": undefined, "of a tenant": own };

describe.each(Object.entries(documents))("the OpenAPI document %s satisfies, without a warning,", (_whose, values) => {
  let text: string;

  beforeAll(() => {
    text = JSON.stringify(
      openApiDocument({
        registry: registry(),
        routes,
        profile: contractProfile(routes),
        version: "1.2.3",
        rateLimits: '"key";q=4;w=2',
        examples: examples(),
        ...(values && { customValues: values }),
      }),
    );
  });

  it("Spectral's recommended rules", { timeout: LINT_TIMEOUT_MS }, async () => {
    const linter = new spectral.Spectral();
    linter.setRuleset({ extends: [[rulesets.oas as RulesetDefinition, "recommended"]] });
    const found = await linter.run(JSON.parse(text));
    expect(found.map(({ code, path, message }) => `${code} ${path.join(".")}: ${message}`)).toEqual([]);
  });

  it("Redocly's recommended rules", { timeout: LINT_TIMEOUT_MS }, async () => {
    const config = await createConfig({ extends: ["recommended"] });
    const found = await lintFromString({ source: text, absoluteRef: "/openapi.json", config });
    // A page that sends browsers elsewhere has no answer of its own to them: its success is a redirect.
    const isRedirect = (pointer = ""): boolean => /^#\/paths\/~1v1~1auth~1oidc~1.*\/get\/responses$/.test(pointer);
    const wrong = found.filter(
      ({ ruleId, location }) => ruleId !== "operation-2xx-response" || !isRedirect(location[0]?.pointer),
    );
    expect(wrong.map(({ ruleId, location, message }) => `${ruleId} ${location[0]?.pointer}: ${message}`)).toEqual([]);
  });
});
