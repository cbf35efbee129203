import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type KnownReason, knownReasons } from "../architecture/reasons.ts";
import { discoverServices } from "../launch/services.ts";

const root = path.resolve(import.meta.dirname, "../..");

let reasons: readonly KnownReason[];

beforeAll(async () => {
  reasons = await knownReasons(
    root,
    discoverServices(root).map(({ name }) => name),
  );
});

const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name).sort();

describe("every reason that a client can meet", () => {
  it("is a word for programs, and an HTTP status of a refusal", () => {
    expect(reasons.length).toBeGreaterThan(100);
    const wrong = reasons.filter(
      ({ reason, status }) => !/^[A-Z][A-Z\d_]{2,63}$/.test(reason) || status < 400 || status > 599,
    );
    expect(wrong).toEqual([]);
  });

  it("is told in English and in Chinese, with the same values in it", () => {
    const wrong = reasons.filter(
      ({ message: { en, zh } }) =>
        !/[a-z]/.test(en) ||
        /\p{Script=Han}/u.test(en) ||
        !/\p{Script=Han}/u.test(zh) ||
        placeholders(en).join() !== placeholders(zh).join(),
    );
    expect(wrong.map(({ reason }) => reason)).toEqual([]);
  });
});
