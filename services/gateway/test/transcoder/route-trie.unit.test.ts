import fc from "fast-check";
import { expect, it } from "vitest";
import { parsePathTemplate } from "../../src/transcoder/path-template.ts";
import { createRouteTrie } from "../../src/transcoder/route-trie.ts";

const trieOf = (...routes: readonly string[]) => {
  const trie = createRouteTrie<string>();
  for (const route of routes) {
    const [method = "", path = ""] = route.split(" ");
    trie.add(method, parsePathTemplate(path), route);
  }
  return (request: string) => {
    const [method = "", path = ""] = request.split(" ");
    const found = trie.find(method, path);
    return found?.kind === "route" ? found.route : found?.methods;
  };
};

const find = trieOf(
  "GET /v1/leads",
  "POST /v1/leads",
  "POST /v1/leads:batchCreate",
  "GET /v1/leads/{id}",
  "PATCH /v1/leads/{lead.id}",
  "POST /v1/leads/{id}:convert",
  "GET /v1/leads/all",
  "GET /v1/leads/{id}/notes",
  "GET /v1/{path=files/**}",
  "GET /v1/files/special",
  "POST /v1/{path=files/**}:move",
);

it.each([
  ["GET /v1/leads", "GET /v1/leads"],
  ["POST /v1/leads:batchCreate", "POST /v1/leads:batchCreate"],
  ["GET /v1/leads/1", "GET /v1/leads/{id}"],
  ["PATCH /v1/leads/1", "PATCH /v1/leads/{lead.id}"],
  ["POST /v1/leads/1:convert", "POST /v1/leads/{id}:convert"],
  ["GET /v1/leads/all", "GET /v1/leads/all"],
  ["GET /v1/leads/all/notes", "GET /v1/leads/{id}/notes"],
  ["GET /v1/l%65ads/1", "GET /v1/leads/{id}"],
  ["GET /v1/leads/a%3Aconvert", "GET /v1/leads/{id}"],
  ["GET /v1/files/a/b/c", "GET /v1/{path=files/**}"],
  ["GET /v1/files/special", "GET /v1/files/special"],
  ["POST /v1/files/a/b:move", "POST /v1/{path=files/**}:move"],
])("%s is %s", (request, route) => {
  expect(find(request)).toBe(route);
});

it.each([
  "GET /v1",
  "GET /",
  "GET v1/leads",
  "GET /v1/leads/",
  "GET //v1/leads",
  "POST /v1/leads/1:unknown",
  "GET /v1/leads/:x",
  "GET /v2/leads",
  "GET /v1/leads/1/2",
])("%s is nowhere", (request) => {
  expect(find(request)).toBeUndefined();
});

it("a path that exists for other methods tells all of them", () => {
  expect(find("DELETE /v1/leads")).toEqual(["GET", "POST"]);
  expect(find("DELETE /v1/leads/all")).toEqual(["GET", "PATCH"]);
  expect(find("GET /v1/leads/1:convert")).toEqual(["POST"]);
});

it("a method that only the wider path has goes there", () => {
  expect(find("PATCH /v1/leads/all")).toBe("PATCH /v1/leads/{lead.id}");
});

it("two routes of one shape cannot stand beside each other", () => {
  expect(() => trieOf("GET /v1/leads/{id}", "GET /v1/leads/{lead.id}")).toThrow("the same path");
});

it("damaged percent-encoding throws URIError; anything else only finds or does not", () => {
  expect(() => find("GET /v1/%zz")).toThrow(URIError);
  fc.assert(
    fc.property(fc.webPath(), (path) => {
      try {
        find(`GET ${path}`);
      } catch (error) {
        expect(error).toBeInstanceOf(URIError);
      }
    }),
  );
});
