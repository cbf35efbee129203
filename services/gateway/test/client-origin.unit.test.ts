import { describe, expect, it } from "vitest";
import { agentOf, deviceOf, networkOf } from "../src/client-origin.ts";

describe("a client's network", () => {
  it.each([
    ["203.0.113.77", "203.0.113.0/24"],
    ["::ffff:203.0.113.77", "203.0.113.0/24"],
    ["2001:db8:85a3::8a2e:370:7334", "2001:db8:85a3::/48"],
    ["2001:DB8:85A3:8:0:0:0:1", "2001:db8:85a3::/48"],
    ["2001:db8::1", "2001:db8:0::/48"],
    ["::1", "0:0:0::/48"],
    ["fe80::1%eth0", "fe80:0:0::/48"],
  ])("of %s is %s, which names no single client", (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
  it.each([undefined, "", "unknown", "203.0.113", "<script>"])("of %s is not known", (address) => {
    expect(networkOf(address)).toBeUndefined();
  });
});

describe("a client's class", () => {
  it.each([
    ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36", "browser"],
    ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148 Safari/604.1", "mobile"],
    ["Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "robot"],
    ["curl/8.9.1", "command-line"],
    ["node", "library"],
    ["python-requests/2.32", "library"],
    ["王芳's own program", "other"],
    [undefined, "other"],
  ])("of %s is %s", (userAgent, agent) => {
    expect(agentOf(userAgent)).toBe(agent);
  });
});

describe("a device", () => {
  it.each([
    ["Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"],
    [
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0 Safari/537.36 Edg/138.0",
      "Edge on Windows",
    ],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
      "Safari on iPhone",
    ],
    [
      "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0 Mobile Safari/537.36 MicroMessenger/8.0",
      "WeChat on Android",
    ],
    ["curl/8.9.1", "curl"],
    ["", ""],
    [undefined, ""],
    ["\u0000<script>", ""],
  ])("is named as people know it: %s", (userAgent, device) => {
    expect(deviceOf(userAgent)).toBe(device);
  });
});
