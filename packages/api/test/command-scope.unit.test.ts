import { isDomainError } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";
import { expect, test } from "vitest";
import { commandScope } from "../src/command.ts";

const call = (more: Partial<Call> = {}): Call =>
  ({
    tenant: "tenant_1",
    actor: "user_1",
    principal: { grants: {}, teams: ["team_1"] },
    visibility: { kind: "own", ownerId: "user_1" },
    method: "crm.lead.v1.LeadService/UpdateLead",
    deadline: new Date(),
    requestHash: "hash",
    ...more,
  }) as Call;

const scope = (more?: Partial<Call>, etag?: string) => {
  const made = commandScope(call(more), etag);
  if (isDomainError(made)) throw new Error(made.reason);
  return made;
};

test.each([
  ["7", 7],
  ['"7"', 7],
  ["*", undefined],
])("If-Match %s asks for version %s", (ifMatch, version) => {
  expect(scope({ ifMatch }).expectedVersion).toBe(version);
});

test("If-Match goes before the request's own etag, an empty etag asks for nothing", () => {
  expect(scope({ ifMatch: "7" }, "3").expectedVersion).toBe(7);
  expect(scope({}, "3").expectedVersion).toBe(3);
  expect(scope({}, "").expectedVersion).toBeUndefined();
});

test.each(["0", "-1", "1.5", "W/1", "seven", "1234567890123456"])(
  "an etag that is none of ours is refused: %s",
  (etag) => {
    const outcome = commandScope(call(), etag);
    expect(isDomainError(outcome) && outcome.violations).toEqual([{ field: "etag", reason: "ETAG_MALFORMED" }]);
  },
);

test("a client's key is scoped to caller and method, and goes with the request's hash", () => {
  expect(scope().idempotency).toBeUndefined();
  expect(scope({ idempotencyKey: "k" }).idempotency).toEqual({
    caller: "user_1",
    method: "crm.lead.v1.LeadService/UpdateLead",
    key: "k",
    requestHash: "hash",
  });
});

test("who sees all records may name any team, others those they see", () => {
  expect(scope({ visibility: { kind: "all" } }).authority?.teams).toBe("all");
  expect(
    scope({ visibility: { kind: "team", ownerId: "user_1", teamIds: ["team_1", "team_2"] } }).authority?.teams,
  ).toEqual(["team_1", "team_2"]);
  expect(scope().authority?.teams).toEqual(["team_1"]);
});
