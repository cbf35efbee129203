import { describe, expect, it, vi } from "vitest";
import { reportCache } from "../../src/reports/report-cache.ts";

type Answer = { readonly made: number };

const pending = () => {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  return { compute: vi.fn(() => promise), resolve, reject };
};

describe("a finished report", () => {
  it("is answered again as long as the revision is the same, and made anew when it has risen", async () => {
    const cached = reportCache(10);
    const compute = vi.fn(async () => ({ made: compute.mock.calls.length }));
    expect(await cached("a", 1, compute)).toEqual({ made: 1 });
    expect(await cached("a", 1, compute)).toEqual({ made: 1 });
    expect(await cached("a", 2, compute)).toEqual({ made: 2 });
    expect(await cached("b", 2, compute)).toEqual({ made: 3 });
  });

  it("serves one who read an older revision too", async () => {
    const cached = reportCache(10);
    expect(await cached("a", 5, async () => ({ made: 5 }))).toEqual({ made: 5 });
    expect(await cached("a", 4, async () => ({ made: 4 }))).toEqual({ made: 5 });
  });

  it("leaves for one that was used later when there are too many", async () => {
    const cached = reportCache(1);
    const compute = vi.fn(async () => ({ made: 0 }));
    for (const key of ["a", "b", "a"]) await cached(key, 1, compute);
    expect(compute).toHaveBeenCalledTimes(3);
  });
});

describe("a report that is being made", () => {
  it("is shared by all who ask for it meanwhile", async () => {
    const cached = reportCache(10);
    const first = pending();
    const answers = [1, 2, 3].map(() => cached("a", 1, first.compute));
    first.resolve({ made: 1 });
    expect(await Promise.all(answers)).toEqual([{ made: 1 }, { made: 1 }, { made: 1 }]);
    expect(first.compute).toHaveBeenCalledTimes(1);
  });

  it("is waited for by those who must have a newer one, and they share that", async () => {
    const cached = reportCache(10);
    const [first, second] = [pending(), pending()];
    const early = cached("a", 1, first.compute);
    const late = [2, 3, 2].map((revision) => cached("a", revision, second.compute));
    expect(second.compute).not.toHaveBeenCalled();
    first.resolve({ made: 1 });
    await vi.waitFor(() => expect(second.compute).toHaveBeenCalled());
    second.resolve({ made: 2 });
    expect(await early).toEqual({ made: 1 });
    expect(await Promise.all(late)).toEqual([{ made: 2 }, { made: 2 }, { made: 2 }]);
  });

  it("that fails is not remembered", async () => {
    const cached = reportCache(10);
    await expect(cached("a", 1, () => Promise.reject(new Error("away")))).rejects.toThrow("away");
    expect(await cached("a", 1, async () => ({ made: 2 }))).toEqual({ made: 2 });
  });
});
