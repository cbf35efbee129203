import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { noTeams, teamTree } from "../src/team-tree.ts";

// company ─ sales ─ east, west; company ─ service; island
const tree = teamTree(
  new Map([
    ["company", ""],
    ["sales", "company"],
    ["east", "sales"],
    ["west", "sales"],
    ["service", "company"],
    ["island", ""],
    ["gone", "east"],
    ["rescued", "gone"],
  ]),
  new Set(["gone"]),
);

describe("a team's subtree", () => {
  it("is the team and everything below it", () => {
    expect(tree.subtree(["sales"]).toSorted()).toEqual(["east", "gone", "rescued", "sales", "west"]);
    expect(tree.subtree(["west"])).toEqual(["west"]);
  });

  it("of several teams holds each part once", () => {
    expect(tree.subtree(["east", "sales", "island"]).toSorted()).toEqual([
      "east",
      "gone",
      "island",
      "rescued",
      "sales",
      "west",
    ]);
  });

  it("of a team that is not known is that team", () => {
    expect(noTeams.subtree(["east"])).toEqual(["east"]);
  });

  it("is held together by a deleted team, which is none itself", () => {
    expect(tree.subtree(["east"])).toContain("rescued");
    expect(tree.has("gone")).toBe(false);
    expect(tree.has("rescued")).toBe(true);
    expect(tree.size).toBe(7);
  });
});

describe("a team's lineage", () => {
  it("is the team and everything above it", () => {
    expect(tree.lineage(["east"])).toEqual(["east", "sales", "company"]);
    expect(tree.lineage(["east", "west"])).toEqual(["east", "sales", "company", "west"]);
  });

  it("leads down from the nearest of those named", () => {
    expect(tree.path(["company", "sales"], "east")).toEqual(["sales", "east"]);
    expect(tree.path(["east"], "east")).toEqual(["east"]);
    expect(tree.path(["west", "island"], "east")).toBeUndefined();
  });
});

it("any parents, circles too: a team is in the subtree of exactly those in its lineage", () => {
  const ids = ["a", "b", "c", "d", "e"];
  const parent = fc.constantFrom("", ...ids, "unknown");
  fc.assert(
    fc.property(fc.tuple(parent, parent, parent, parent, parent), (parents) => {
      const any = teamTree(new Map(ids.map((id, index) => [id, parents[index] ?? ""])));
      for (const above of ids) {
        for (const below of ids) {
          expect(any.subtree([above]).includes(below)).toBe(any.lineage([below]).includes(above));
          expect(any.path([above], below) !== undefined).toBe(any.lineage([below]).includes(above));
        }
      }
    }),
  );
});
