/**
 * Derives `src/crm`, `src/google`, `src/grpc` and `descriptors.binpb` from proto/, and stores a sample of every new event.
 * The same input gives the same bytes. With `--check` nothing is written: the exit code is 1 when the committed output is stale.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, relative } from "node:path";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

const here = import.meta.dirname;
const root = join(here, "../..");
const bufBinary = createRequire(import.meta.url).resolve("@bufbuild/buf/bin/buf");
const generatedFolders = ["src/crm", "src/google", "src/grpc"];
const descriptorFile = "descriptors.binpb";

const buf = (...args) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bufBinary, ...args], {
    cwd: root,
    encoding: "utf8",
    // The code generator runs under the Node that runs this.
    env: { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ""}` },
  });
  if (status === 0) return;
  console.error(`buf ${args[0]} failed:\n${stdout}${stderr}`);
  process.exit(1);
};

/** Keeps of the source info what is read at run time: the comments of our own files. */
const withOwnCommentsOnly = (bytes) => {
  const set = fromBinary(FileDescriptorSetSchema, bytes);
  for (const file of set.file) {
    if (file.sourceCodeInfo === undefined) continue;
    const commented = file.name.startsWith("crm/")
      ? file.sourceCodeInfo.location.filter((location) => location.leadingComments !== "")
      : [];
    for (const location of commented) {
      location.span = [0, 0, 0];
      location.trailingComments = "";
      location.leadingDetachedComments = [];
    }
    file.sourceCodeInfo.location = commented;
  }
  return toBinary(FileDescriptorSetSchema, set);
};

/** Of google.api only HttpBody is code; of the files beside it, which are options, the generator leaves empty shells. */
const removeShells = (folder) => {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    if (!readFileSync(file, "utf8").includes("export interface")) rmSync(file);
  }
};

const generateInto = (folder) => {
  buf("generate", "--output", join(folder, "src"));
  removeShells(join(folder, "src/google/api"));
  const descriptors = join(folder, descriptorFile);
  buf("build", "--as-file-descriptor-set", "--output", descriptors);
  writeFileSync(descriptors, withOwnCommentsOnly(readFileSync(descriptors)));
};

const filesUnder = (folder) =>
  [...generatedFolders, descriptorFile].flatMap((entry) => {
    const path = join(folder, entry);
    if (!existsSync(path)) return [];
    if (entry === descriptorFile) return [entry];
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile())
      .map((file) => relative(folder, join(file.parentPath, file.name)));
  });

const staleFiles = (fresh) => {
  const differs = (file) =>
    ![fresh, here].every((folder) => existsSync(join(folder, file))) ||
    !readFileSync(join(fresh, file)).equals(readFileSync(join(here, file)));
  return [...new Set([...filesUnder(fresh), ...filesUnder(here)])]
    .filter(differs)
    .toSorted((a, b) => a.localeCompare(b, "en"));
};

const fresh = mkdtempSync(join(tmpdir(), "keynode-contracts-"));
try {
  generateInto(fresh);
  const stale = staleFiles(fresh);
  if (process.argv.includes("--check")) {
    for (const file of stale) console.error(`stale: packages/contracts/${file}`);
    if (stale.length > 0) console.error("Run `npm run gen` and commit what it writes.");
    process.exitCode = stale.length > 0 ? 1 : 0;
  } else {
    for (const folder of generatedFolders) rmSync(join(here, folder), { recursive: true, force: true });
    cpSync(fresh, here, { recursive: true });
    console.log(`packages/contracts: files changed: ${stale.length}`);
    // It reads the descriptors that were written just now.
    const { storeMissingSamples } = await import("./test/store-samples.ts");
    for (const type of storeMissingSamples()) console.log(`packages/contracts: sample of ${type} stored`);
  }
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
