import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

const FAILURE_AGE_MS = 24 * 60 * 60_000;

/**
 * The first of `folders` that can be written and belongs to this user; another user's cache is passed over,
 * since its binaries would be run. Throws when none is left.
 */
export const openCache = (folders: readonly string[]): string => {
  for (const folder of folders) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
      if (process.getuid === undefined || statSync(folder).uid === process.getuid()) return folder;
    } catch {
      continue;
    }
  }
  throw new Error(`no folder to keep servers in: tried ${folders.join(", ")}; set KEYNODE_CACHE to one you own`);
};

/** The file `name` of the cache, made by `make` at a temporary path when it is not there. Two makers at once do no harm. */
export const cached = async (cache: string, name: string, make: (draft: string) => Promise<void>): Promise<string> => {
  const file = path.join(cache, name);
  try {
    accessSync(file, constants.X_OK);
    return file;
  } catch {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    const work = mkdtempSync(`${file}.work-`);
    try {
      const draft = path.join(work, path.basename(file));
      await make(draft);
      renameSync(draft, file);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
    return file;
  }
};

const failureFile = (cache: string, way: string): string => path.join(cache, "failures", way);

/** Why `way` failed within the last day, so that it is not tried at every start. */
export const recentFailure = (cache: string, way: string): string | undefined => {
  const file = failureFile(cache, way);
  try {
    return Date.now() - statSync(file).mtimeMs < FAILURE_AGE_MS ? readFileSync(file, "utf8") : undefined;
  } catch {
    return undefined;
  }
};

export const rememberFailure = (cache: string, way: string, reason: string): void => {
  mkdirSync(path.join(cache, "failures"), { recursive: true, mode: 0o700 });
  writeFileSync(failureFile(cache, way), reason);
};
