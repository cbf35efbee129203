import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { create } from "@bufbuild/protobuf";
import { MethodDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { type ContractDraft, changedContract, rewriteHttp, rewriteMethodRules } from "@keynode/contracts/testing";
import { describe, expect, test } from "vitest";
import type { Stage } from "../retries/stage.ts";
import { trialOf } from "../retries/trials.ts";
import { rows, rowsOf } from "./rows.ts";
import { surfaces, unprovenRpcs, unprovenSurfaces } from "./surfaces.ts";

const root = path.resolve(import.meta.dirname, "../..");

describe("what the matrix cannot try by its form", () => {
  test("has an entry that says what proves it", () => {
    expect(unprovenRpcs(rows)).toEqual([]);
  });

  test("is proven by a test that there is", () => {
    const proofs = Object.values(surfaces).flatMap((standing) => ("proof" in standing ? [standing.proof] : []));
    const missing = proofs.filter((proof) => {
      const [file = "", title = ""] = proof.split(" › ");
      return !existsSync(path.join(root, file)) || !readFileSync(path.join(root, file), "utf8").includes(`"${title}"`);
    });
    expect(missing).toEqual([]);
  });
});

/** Adds an rpc to the service of leads, as complete as any: its request and its answer are another's. */
const addRpc = (draft: ContractDraft, name: string, like: string, effect: "READ" | "WRITE"): void => {
  const { inputType, outputType } = draft.method(like);
  const method = create(MethodDescriptorProtoSchema, { name, inputType, outputType });
  draft
    .file("crm/lead/v1/lead_service.proto")
    .service.find((service) => service.name === "LeadService")
    ?.method.push(method);
  rewriteHttp(method, () =>
    effect === "READ" ? { get: "/v1/raffles:draw" } : { post: "/v1/raffles:draw", body: "*" },
  );
  rewriteMethodRules(method, () => ({ permission: "raffles.draw", effect }));
};

const DRAW = "crm.lead.v1.LeadService/DrawRaffle";
const REPORT = "crm.analytics.v1.ReportService/GetSalesReport";

/** The contract's rpcs with one more. */
const withRpc = (like: string, effect: "READ" | "WRITE") =>
  rowsOf(changedContract((draft) => addRpc(draft, "DrawRaffle", like, effect)));

describe("what is added without an entry fails, by its name", () => {
  test("a report", () => {
    expect(unprovenRpcs(withRpc(REPORT, "READ"))).toEqual([DRAW]);
  });

  test("something that the gateway composes, and a tool", () => {
    const added = ["GET /v1/leads/{id}:dossier", "tool lead_dossier"];
    expect(unprovenSurfaces([...added, "GET /v1/leads/{leadId}"], ["GET /v1/leads/{id}"])).toEqual(added);
  });

  test("a write that nothing tells how to send twice", async () => {
    const draw = withRpc(REPORT, "WRITE").find(({ name }) => name === DRAW);
    if (draw === undefined) throw new Error("the sabotage is not there");
    // No stage is entered: what is unknown is refused before.
    await expect(trialOf(draw, undefined as unknown as Stage)).rejects.toThrow(DRAW);
  });
});

test("what is added in a form that the matrix knows is tried without an entry", () => {
  const added = withRpc("crm.lead.v1.LeadService/QualifyLead", "WRITE");
  expect(added.find(({ name }) => name === DRAW)?.shape).toEqual({ kind: "record", resource: "lead" });
  expect(unprovenRpcs(added)).toEqual([]);
});
