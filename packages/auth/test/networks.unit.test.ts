import { describe, expect, it } from "vitest";
import { isNetwork, networksOf } from "../src/networks.ts";

describe("a network", () => {
  it.each(["203.0.113.0/24", "10.0.0.0/8", "0.0.0.0/0", "203.0.113.7/32", "2001:db8::/32", "::/0", "::1/128"])(
    "is written in CIDR notation: %s",
    (text) => {
      expect(isNetwork(text)).toBe(true);
    },
  );
  it.each([
    "",
    "203.0.113.0",
    "203.0.113.0/33",
    "203.0.113/24",
    "300.0.0.0/8",
    "2001:db8::/129",
    "::g/8",
    "a/8",
    "1/-1",
  ])("is nothing else: %s", (text) => {
    expect(isNetwork(text)).toBe(false);
  });
});

describe("networks", () => {
  it.each([
    ["203.0.113.77", true],
    ["203.0.114.77", false],
    ["::ffff:203.0.113.77", true],
    ["2001:db8:1::7", true],
    ["2001:db9::7", false],
    ["", false],
    [undefined, false],
    ["nonsense", false],
  ])("hold %s: %s", (address, held) => {
    expect(networksOf(["203.0.113.0/24", "2001:db8::/32"]).has(address)).toBe(held);
  });
  it("that are none hold every address, and a text that is no network holds none", () => {
    expect(networksOf([]).has("203.0.113.77")).toBe(true);
    expect(networksOf([]).has(undefined)).toBe(true);
    expect(networksOf(["nonsense"]).has("203.0.113.77")).toBe(false);
  });
});
