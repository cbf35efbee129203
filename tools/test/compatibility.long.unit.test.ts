import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const buf = createRequire(import.meta.url).resolve("@bufbuild/buf/bin/buf");
const lead = "proto/crm/lead/v1/lead.proto";
let copy: string;
let original: string;

/** What the check of compatibility says of the copy, against the contract as it is in the repository. */
const breaking = (): { readonly status: number | null; readonly said: string } => {
  const args = [buf, "breaking", "proto", "--against", path.join(copy, "before.binpb")];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: copy, encoding: "utf8" });
  return { status, said: stdout + stderr };
};

const changed = (change: (text: string) => string): void => {
  const text = change(original);
  expect(text).not.toBe(original);
  writeFileSync(path.join(copy, lead), text);
};

beforeAll(() => {
  copy = mkdtempSync(path.join(tmpdir(), "keynode-compatibility-"));
  for (const entry of ["proto", "third_party", "buf.yaml"]) {
    cpSync(path.join(root, entry), path.join(copy, entry), { recursive: true });
  }
  original = readFileSync(path.join(copy, lead), "utf8");
  execFileSync(process.execPath, [buf, "build", "proto", "--exclude-source-info", "-o", "before.binpb"], { cwd: copy });
}, 60_000);
afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe("the check of compatibility", () => {
  const refused: readonly (readonly [what: string, change: (text: string) => string, says: RegExp])[] = [
    ["a field that is gone", (text) => text.replace(/ {2}string next_step = 23[^;]*;/, ""), /"23".*"next_step"/],
    ["a field of another type", (text) => text.replace("string company = 13", "int32 company = 13"), /company.*int32/],
    ["a field of another name", (text) => text.replace("string company = 13", "string firm = 13"), /company/],
    ["a value that is gone", (text) => text.replace(/ {4}CONVERTED = 5;/, ""), /CONVERTED/],
  ];

  it.each(refused)(
    "refuses %s",
    (_what, change, says) => {
      changed(change);
      const { status, said } = breaking();
      expect(said).toMatch(says);
      expect(status).not.toBe(0);
    },
    60_000,
  );

  it("lets a further field pass", () => {
    changed((text) =>
      text.replace("  string company = 13", "  // Another.\n  string nickname = 900;\n\n  string company = 13"),
    );
    expect(breaking()).toEqual({ status: 0, said: "" });
  }, 60_000);
});
