import { expect, it } from "vitest";
import { capabilitiesPage, provenBy } from "../capabilities.ts";

const result = (status: string, capability?: string) => ({
  status,
  title: "",
  ...(capability !== undefined && { meta: { capability } }),
});

it("a capability counts only if every one of its acceptance tests passed", () => {
  const { proven, failed } = provenBy({
    testResults: [
      { assertionResults: [result("passed", "C-020"), result("passed", "C-025"), result("passed")] },
      { assertionResults: [result("failed", "C-025"), result("skipped", "C-027")] },
    ],
  });
  expect([...proven]).toEqual(["C-020"]);
  expect([...failed]).toEqual(["C-025", "C-027"]);
});

it("the page counts and names them", () => {
  const capabilities = [
    { id: "C-020", area: "Entry", name: "Add customer", zh: "客户信息录入" },
    { id: "C-021", area: "Entry", name: "Find and edit customer", zh: "" },
  ];
  const page = capabilitiesPage(capabilities, new Set(["C-020"]));
  expect(page).toContain("1 of 2 are proven.");
  expect(page).toContain("| C-020 | Add customer | 客户信息录入 | proven |");
  expect(page).toContain("| C-021 | Find and edit customer |  | not yet |");
});
