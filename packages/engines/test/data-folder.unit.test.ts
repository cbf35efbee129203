import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cached, openCache, recentFailure, rememberFailure } from "../src/cache.ts";
import { firstThatWorks } from "../src/choose.ts";
import { claimFolder, ownership, recallEngine, rememberEngine } from "../src/data-folder.ts";
import { readEnvironment } from "../src/environment.ts";
import { identify, isAlive } from "../src/process-identity.ts";
import type { Source } from "../src/server.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "keynode-unit-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a folder has one owner at a time", () => {
  const { release } = claimFolder(folder);
  expect(() => claimFolder(folder)).toThrow(`in use by process ${process.pid}`);
  release();
  claimFolder(folder).release();
});

test("a claim whose process has ended is taken over, also when its id is in use again", () => {
  writeFileSync(path.join(folder, "owner.json"), JSON.stringify({ pid: process.pid, startedAt: "before" }));
  claimFolder(folder).release();
  writeFileSync(path.join(folder, "owner.json"), "cut sho");
  claimFolder(folder).release();
});

test("a process is told from a later one with its id", () => {
  const self = identify(process.pid);
  expect(self && isAlive(self)).toBe(true);
  expect(isAlive({ pid: process.pid, startedAt: "another" })).toBe(false);
  expect(identify(2 ** 22 + 1)).toBeUndefined();
});

test("a cache that cannot be used is passed over", () => {
  const file = path.join(folder, "file");
  writeFileSync(file, "");
  expect(openCache([path.join(file, "below"), path.join(folder, "own")])).toBe(path.join(folder, "own"));
  expect(() => openCache([path.join(file, "below")])).toThrow(/KEYNODE_CACHE/);
});

test("a cached file is made once, and a failed making leaves nothing", async () => {
  let made = 0;
  const make = async (draft: string) => {
    made += 1;
    writeFileSync(draft, "binary", { mode: 0o755 });
  };
  await expect(cached(folder, "tool/bin", () => Promise.reject(new Error("no network")))).rejects.toThrow("no network");
  const [first, second] = [await cached(folder, "tool/bin", make), await cached(folder, "tool/bin", make)];
  expect([first, made]).toEqual([second, 1]);
});

test("a failure is remembered for a day", () => {
  rememberFailure(folder, "download", "unreachable");
  expect(recentFailure(folder, "download")).toBe("unreachable");
  const yesterday = Date.now() / 1000 - 25 * 3600;
  utimesSync(path.join(folder, "failures", "download"), yesterday, yesterday);
  expect(recentFailure(folder, "download")).toBeUndefined();
});

const running = {
  url: "mongodb://127.0.0.1:27017/",
  version: "1",
  ended: new Promise<void>(() => {}),
  stop: async () => {},
  kill: async () => {},
};
const source = (kind: string, family: string, failure?: string): Source => ({
  kind,
  family,
  prepare: async () => {
    if (failure !== undefined) throw new Error(failure);
    return async () => running;
  },
});
const choose = (sources: readonly Source[]) =>
  firstThatWorks("MongoDB", sources, { folder, advice: "Install one.", log: () => {} });

test("the first way that works is taken and remembered", async () => {
  const { kind } = await choose([source("Docker", "docker", "no socket"), source("PATH", "mongod"), source("x", "x")]);
  expect(kind).toBe("PATH");
  expect(recallEngine(folder)).toEqual({ family: "mongod", port: 27017 });
});

test("when no way works, each is named with its reason, and what to do", async () => {
  await expect(
    choose([source("Docker", "docker", "no socket"), source("PATH", "mongod", "not there")]),
  ).rejects.toThrow(/Docker: no socket\n.*PATH: not there\nInstall one\./);
});

test("data is not given to an engine of another family", async () => {
  rememberEngine(folder, { family: "documentdb" });
  expect((await choose([source("Docker", "docker"), source("embedded", "documentdb")])).kind).toBe("embedded");
  await expect(choose([source("Docker", "docker")])).rejects.toThrow("was written by documentdb");
  expect((await choose([source("MONGODB_URI", "given")])).kind).toBe("MONGODB_URI");
});

test("empty variables count as not set, and the cache named first is tried first", () => {
  const environment = readEnvironment({
    MONGODB_URI: "",
    NATS_URL: "nats://bus",
    KEYNODE_CACHE: folder,
    PATH: "/a:/b",
  });
  expect(environment).toMatchObject({ mongodbUri: undefined, natsUrl: "nats://bus", searchPath: ["/a", "/b"] });
  expect(environment.cacheFolders[0]).toBe(folder);
});

test("a folder whose owner has ended is known from one in use and one that nobody claimed", () => {
  expect(ownership(folder)).toBe("none");
  const { release } = claimFolder(folder);
  expect(ownership(folder)).toBe("live");
  release();
  writeFileSync(path.join(folder, "owner.json"), JSON.stringify({ pid: process.pid, startedAt: "before" }));
  expect(ownership(folder)).toBe("dead");
});
