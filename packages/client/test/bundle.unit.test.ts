import path from "node:path";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { describe, expect, it } from "vitest";

const source = path.resolve(import.meta.dirname, "..", "src");
/** Holds an application's own source, which exists in no file. */
const ENTRY = "\0entry";

/** Gzipped bytes of an application as a browser loads it. */
const bundledBytes = async (application: string): Promise<number> => {
  const bundle = await rolldown({
    input: ENTRY,
    platform: "browser",
    treeshake: { moduleSideEffects: false },
    plugins: [
      {
        name: "entry",
        resolveId: (id) => (id.startsWith("./") ? path.join(source, id) : id === ENTRY ? id : null),
        load: (id) => (id === ENTRY ? application : null),
      },
    ],
  });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  await bundle.close();
  const [{ code, imports }] = output;
  expect(imports).toEqual([]);
  return gzipSync(code, { level: 9 }).length;
};

describe("the client in a browser", () => {
  it("is at most 40 KB with the whole API and every problem", async () => {
    const application = `import * as keynode from "./keynode.ts"; import * as problems from "./problems.ts"; import * as credentials from "./credentials.ts"; import * as money from "./money.ts"; globalThis.app = [keynode, problems, credentials, money];`;
    const bytes = await bundledBytes(application);
    expect(bytes).toBeLessThan(40 * 1024);
    expect(bytes).toBeGreaterThan(4 * 1024);
  });

  it("leaves out what an application does not use", async () => {
    const application = `import { createClient } from "./client.ts"; import { leads } from "./api/leads.ts"; import { LeadExists } from "./problems.ts"; globalThis.app = [createClient, leads, LeadExists];`;
    expect(await bundledBytes(application)).toBeLessThan(4 * 1024);
  });
});
