import { BlockList, isIP } from "node:net";

/** Networks that callers may come from. */
export type Networks = { has(address: string | undefined): boolean };

const cidr = /^(?<address>[\da-fA-F.:]+)\/(?<bits>\d{1,3})$/;

type Network = { readonly address: string; readonly bits: number; readonly family: "ipv4" | "ipv6" };

const networkOf = (text: string): Network | undefined => {
  const { address = "", bits = "" } = cidr.exec(text)?.groups ?? {};
  const version = isIP(address);
  if (version === 0 || Number(bits) > (version === 4 ? 32 : 128)) return undefined;
  return { address, bits: Number(bits), family: version === 4 ? "ipv4" : "ipv6" };
};

/** Whether a text is an IPv4 or IPv6 network in CIDR notation. */
export const isNetwork = (text: string): boolean => networkOf(text) !== undefined;

/** Reads networks; a text that is none holds no address. No networks at all hold every address. */
export const networksOf = (texts: readonly string[]): Networks => {
  if (texts.length === 0) return { has: () => true };
  const list = new BlockList();
  for (const { address, bits, family } of texts.flatMap((text) => networkOf(text) ?? [])) {
    list.addSubnet(address, bits, family);
  }
  return {
    has: (address) => {
      // As a socket that listens for both families tells an IPv4 address.
      const plain = (address ?? "").replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
      const version = isIP(plain);
      return version > 0 && list.check(plain, version === 4 ? "ipv4" : "ipv6");
    },
  };
};
