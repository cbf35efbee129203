import { readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { differences, filledIn, httpExamples, type Known } from "./http-examples.ts";
import { newTenantToken } from "./tenant.ts";

const pages = ["api.md", "mcp.md", "custom-fields.md"] as const;
const { baseUrl } = inject("access");

let token: string;

beforeAll(async () => {
  token = await newTenantToken();
});

describe.each(pages)("docs/%s", (page) => {
  const examples = httpExamples(readFileSync(path.resolve(import.meta.dirname, "../docs", page), "utf8"));
  const known: Known = new Map();

  test("shows something", () => expect(examples.length).toBeGreaterThan(4));

  // Each goes on from what the ones before have done, as a reader would.
  for (const [index, { method, path: target, headers, body, answer }] of examples.entries()) {
    test(`${index + 1}. ${method} ${target} answers as the page says`, async () => {
      const response = await fetch(baseUrl + filledIn(target, known), {
        method,
        headers: { authorization: `Bearer ${token}`, ...headers },
        ...(body !== undefined && { body: filledIn(body, known) }),
      });
      const text = await response.text();
      expect(response.status, text).toBe(answer.status);
      for (const [name, value] of Object.entries(answer.headers)) {
        expect(differences(value, response.headers.get(name), known, name)).toEqual([]);
      }
      if (answer.body !== undefined) expect(differences(answer.body, JSON.parse(text), known)).toEqual([]);
    });
  }
});
