import { BlockList, isIPv6 } from "node:net";

/** Networks that are not of the Internet: private, loopback, link-local, documentation, multicast (RFC 6890). */
const networks: readonly (readonly [network: string, prefix: number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
  ["::", 96],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
];

const closed = new BlockList();
for (const [network, prefix] of networks) closed.addSubnet(network, prefix, isIPv6(network) ? "ipv6" : "ipv4");

/** Whether an address is one of the Internet's; an IPv4 address in IPv6's clothes is looked at as what it is. */
export const isPublicAddress = (address: string): boolean =>
  !closed.check(address.replace(/%.*$/, ""), isIPv6(address.replace(/%.*$/, "")) ? "ipv6" : "ipv4");
