import { expect, it } from "vitest";
import { createAuthenticator, type Holder } from "../../src/auth/authenticator.ts";
import { PRINCIPAL } from "../fixtures/principal.ts";

const open = (answer: (credential: string) => Holder | "refused" | "unavailable", maxEntries = 10) => {
  const clock = { ms: 0 };
  const asked: string[] = [];
  const authenticator = createAuthenticator({
    authenticate: async (credential) => {
      asked.push(credential);
      return answer(credential);
    },
    ttlMs: 5_000,
    outageMs: 60_000,
    maxEntries,
    now: () => clock.ms,
  });
  return { ...authenticator, clock, asked };
};

it("knows nothing before it asked, and believes the answer for as long as it may", async () => {
  const { recall, ask, clock } = open(() => ({ principal: PRINCIPAL }));
  expect(recall("a")).toBeUndefined();
  expect(await ask("a")).toMatchObject({ kind: "principal" });
  expect(recall("a")).toMatchObject({ kind: "principal" });
  clock.ms = 4_999;
  expect(recall("a")).toBeDefined();
  clock.ms = 5_000;
  expect(recall("a")).toBeUndefined();
});

it("believes nobody beyond the credential's own end", async () => {
  const { recall, ask, clock } = open(() => ({ principal: PRINCIPAL, expiresAt: new Date(1_000) }));
  await ask("a");
  clock.ms = 1_000;
  expect(recall("a")).toBeUndefined();
});

it("remembers a refusal for a second, and an outage not at all", async () => {
  const { recall, ask, clock } = open((credential) => (credential === "bad" ? "refused" : "unavailable"));
  await ask("bad");
  await ask("lost");
  expect(recall("bad")).toEqual({ kind: "refused" });
  expect(recall("lost")).toBeUndefined();
  clock.ms = 1_000;
  expect(recall("bad")).toBeUndefined();
});

it("goes on believing a holder while nobody can tell, for a minute after the last answer and never beyond its end", async () => {
  let isUp = true;
  const expiresAt = new Date(30_000);
  const { recall, ask, forget, clock, asked } = open((credential) => {
    if (!isUp) return "unavailable";
    return { principal: PRINCIPAL, ...(credential === "short" && { expiresAt }) };
  });
  await Promise.all(["a", "b", "short"].map(ask));
  isUp = false;
  clock.ms = 59_000;
  expect(await ask("a")).toMatchObject({ kind: "principal" });
  expect(recall("a")).toMatchObject({ kind: "principal" });
  expect(await ask("short")).toEqual({ kind: "unavailable" });
  forget("b");
  expect(await ask("b")).toEqual({ kind: "unavailable" });
  clock.ms = 60_000;
  expect(recall("a")).toBeUndefined();
  expect(await ask("a")).toEqual({ kind: "unavailable" });
  expect(asked).toEqual(["a", "b", "short", "a", "short", "b", "a"]);
});

it("asks once for all who wait, and again after a failure", async () => {
  let isUp = false;
  const { ask, asked } = open(() => {
    if (!isUp) throw new Error("down");
    return { principal: PRINCIPAL };
  });
  await expect(Promise.all([ask("a"), ask("a")])).rejects.toThrow("down");
  expect(asked).toHaveLength(1);
  isUp = true;
  await Promise.all([ask("a"), ask("a"), ask("a")]);
  expect(asked).toHaveLength(2);
});

it("forgets what it is told to, and the credential unused for longest when it holds too many", async () => {
  const { recall, ask, forget } = open(() => ({ principal: PRINCIPAL }), 2);
  await ask("a");
  await ask("b");
  recall("a");
  await ask("c");
  expect([recall("a"), recall("b"), recall("c")].map((known) => known !== undefined)).toEqual([true, false, true]);
  forget("a");
  expect(recall("a")).toBeUndefined();
});
