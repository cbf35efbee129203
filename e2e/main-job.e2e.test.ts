import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect, inject, it } from "vitest";

it("the main job in curl runs from the form to the report", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "keynode-main-job-"));
  try {
    const credentials = path.join(folder, "credentials.json");
    writeFileSync(credentials, JSON.stringify(inject("access")), { mode: 0o600 });
    const script = path.resolve(import.meta.dirname, "..", "examples", "main-job.sh");
    const { stdout } = await promisify(execFile)("bash", [script], {
      env: { ...process.env, KEYNODE_CREDENTIALS: credentials },
      timeout: 55_000,
    });
    const steps = stdout
      .trim()
      .split("\n")
      .map((line) => line.split(" ")[0]);
    expect(steps).toEqual(["captured", "converted", "advanced", "signed", "effects", "case", "profile", "report"]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
