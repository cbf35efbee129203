import { expect, it } from "vitest";
import { createKeySet } from "../../src/auth/key-set.ts";

/** Keys that are numbered by how often they were asked for. */
const open = () => {
  const state = { ms: 0, asked: 0, isUp: true, failures: 0 };
  const keys = createKeySet({
    fetch: async () => {
      state.asked += 1;
      if (!state.isUp) throw new Error("down");
      return { keys: [{ kty: "OKP", kid: String(state.asked) }] };
    },
    onFailure: () => {
      state.failures += 1;
    },
    now: () => state.ms,
  });
  const kid = async (which: "current" | "renew") => (await keys[which]())?.keys[0]?.kid;
  return { state, kid };
};

it("asks once for all who wait, and not again for a minute", async () => {
  const { state, kid } = open();
  expect(await Promise.all([kid("current"), kid("current"), kid("renew")])).toEqual(["1", "1", "1"]);
  state.ms = 59_999;
  expect(await kid("current")).toBe("1");
  expect(state.asked).toBe(1);
});

it("asks again after a minute and lets nobody wait for it", async () => {
  const { state, kid } = open();
  await kid("current");
  state.ms = 60_000;
  expect(await kid("current")).toBe("1");
  await expect.poll(() => kid("current")).toBe("2");
});

it("asks at once for a key that nobody knows, however many tokens name one only every two seconds", async () => {
  const { state, kid } = open();
  await kid("current");
  state.ms = 2_000;
  expect(await kid("renew")).toBe("2");
  for (state.ms = 2_001; state.ms < 4_000; state.ms += 100) expect(await kid("renew")).toBe("2");
  state.ms = 4_000;
  expect(await kid("renew")).toBe("3");
});

it("goes on with the last keys while nobody answers, and knows none before the first answer", async () => {
  const { state, kid } = open();
  state.isUp = false;
  expect(await kid("current")).toBeUndefined();
  expect(await kid("renew")).toBeUndefined();
  state.isUp = true;
  state.ms = 2_000;
  const known = await kid("current");
  state.isUp = false;
  state.ms = 100_000;
  expect(await kid("renew")).toBe(known);
  expect(state.failures).toBe(2);
});
