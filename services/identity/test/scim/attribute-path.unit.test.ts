import { describe, expect, it } from "vitest";
import { parseFilter, parsePath } from "../../src/scim/attribute-path.ts";

const plain = (attribute: string, sub = "") => ({ attribute, sub, values: undefined });

describe("a path", () => {
  it.each([
    ["userName", plain("username")],
    ["NAME.givenName", plain("name", "givenname")],
    ["urn:ietf:params:scim:schemas:core:2.0:User:userName", plain("username")],
    ["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", plain("manager")],
    ["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value", plain("manager", "value")],
    [
      'emails[type eq "work"].value',
      { attribute: "emails", sub: "value", values: { path: plain("type"), value: "work" } },
    ],
    [
      'members[value eq "user_1"]',
      { attribute: "members", sub: "", values: { path: plain("value"), value: "user_1" } },
    ],
    ["emails[primary eq true]", { attribute: "emails", sub: "", values: { path: plain("primary"), value: true } }],
  ])("%s", (text, path) => {
    expect(parsePath(text)).toEqual(path);
  });
  it.each([
    "",
    " ",
    "1st",
    "name..givenName",
    "members[",
    "members[value eq user_1]",
    'members[value eq "a"',
    "a b",
    'x["y"]',
    'emails[emails[type eq "work"] eq "a"]',
    "a[".repeat(100_000),
  ])("that is none: %#", (text) => {
    expect(parsePath(text)).toBeUndefined();
  });
});

describe("a filter", () => {
  it.each([
    ['userName eq "wang@example.com"', [{ path: plain("username"), value: "wang@example.com" }]],
    ['userName Eq "a \\"b\\" \\u738b"', [{ path: plain("username"), value: 'a "b" 王' }]],
    [
      'id eq "team_1" and members eq "user_1"',
      [
        { path: plain("id"), value: "team_1" },
        { path: plain("members"), value: "user_1" },
      ],
    ],
    ["active eq True", [{ path: plain("active"), value: true }]],
  ])("%s", (text, comparisons) => {
    expect(parseFilter(text)).toEqual(comparisons);
  });
  it.each([
    'userName co "wang"',
    'userName eq "a" or userName eq "b"',
    'not (userName eq "a")',
    'userName eq "a" and',
    "userName eq 'a'",
    'userName eq "a" garbage',
    Array.from({ length: 11 }, () => 'id eq "a"').join(" and "),
  ])("that is not answered: %s", (text) => {
    expect(parseFilter(text)).toBeUndefined();
  });
});
