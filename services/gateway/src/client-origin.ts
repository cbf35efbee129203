import { isIPv4, isIPv6 } from "node:net";

/** How clients are told apart in the audit trail: coarse enough that nobody is known by it. */
export type Agent = "browser" | "mobile" | "library" | "command-line" | "robot" | "other";

/** The first rule that fits decides: a robot often calls itself a browser too, and a telephone's browser a mobile one. */
const rules: readonly (readonly [Agent, RegExp])[] = [
  ["robot", /bot\b|crawler|spider|monitor|probe/i],
  ["command-line", /^(?:curl|wget|httpie|xh|powershell)\b/i],
  ["mobile", /\b(?:android|iphone|ipad|mobile|micromessenger|dingtalk|lark)\b/i],
  ["browser", /^mozilla\//i],
  ["library", /^(?:node|undici|axios|got|python|go-http-client|java|okhttp|apache|ruby|php|dotnet|postman|grpc)/i],
];

/** Longer ones are not looked at. */
const maxAgentLength = 512;

export const agentOf = (userAgent: string | undefined): Agent =>
  rules.find(([, pattern]) => pattern.test((userAgent ?? "").slice(0, maxAgentLength)))?.[0] ?? "other";

/** The more telling names come first: Edge calls itself Chrome too, and every browser Mozilla. */
const browsers: readonly (readonly [string, RegExp])[] = [
  ["Edge", /\bEdg(?:A|iOS)?\//],
  ["Opera", /\bOPR\//],
  ["WeChat", /\bMicroMessenger\//],
  ["Firefox", /\b(?:Firefox|FxiOS)\//],
  ["Chrome", /\b(?:Chrome|CriOS)\//],
  ["Safari", /\bVersion\/[\d.]+ .*\bSafari\//],
];

const systems: readonly (readonly [string, RegExp])[] = [
  ["HarmonyOS", /\bHarmonyOS\b/],
  ["Android", /\bAndroid\b/],
  ["iPad", /\biPad\b/],
  ["iPhone", /\biPhone\b/],
  ["Windows", /\bWindows\b/],
  ["macOS", /\bMacintosh\b/],
  ["Linux", /\bLinux\b/],
];

/** The device as its user would name it, for the list of their sessions; empty when its program does not say. */
export const deviceOf = (userAgent: string | undefined): string => {
  const said = (userAgent ?? "").slice(0, maxAgentLength);
  const named = (names: typeof browsers) => names.find(([, pattern]) => pattern.test(said))?.[0];
  const browser = named(browsers);
  if (browser === undefined) return /^[\w.-]{1,40}/.exec(said)?.[0] ?? "";
  const system = named(systems);
  return system === undefined ? browser : `${browser} on ${system}`;
};

/**
 * The network that an address lies in, as it may be kept for years: 24 bits of IPv4, 48 of IPv6, which is what one
 * subscriber or site has at most. Undefined for what is no address.
 */
export const networkOf = (address: string | undefined): string | undefined => {
  const plain = (address ?? "").replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
  if (isIPv4(plain)) return `${plain.split(".").slice(0, 3).join(".")}.0/24`;
  if (!isIPv6(plain)) return undefined;
  const [head = "", tail] = plain.split("::");
  const groups = head === "" ? [] : head.split(":");
  // Where `::` stands before the third group, what it leaves out is zero.
  const filled = tail === undefined ? groups : [...groups, ...zerosOf(groups, tail), ...tail.split(":")];
  const site = filled.slice(0, 3).map((group) => Number.parseInt(group || "0", 16).toString(16));
  return `${site.join(":")}::/48`;
};

const zerosOf = (groups: readonly string[], tail: string): string[] => {
  const behind = tail === "" ? 0 : tail.split(":").length;
  return Array.from({ length: Math.max(8 - groups.length - behind, 0) }, () => "0");
};
