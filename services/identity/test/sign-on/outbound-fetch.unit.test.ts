import { describe, expect, it } from "vitest";
import { OutboundError, outboundFetch } from "../../src/sign-on/outbound-fetch.ts";
import { isPublicAddress } from "../../src/sign-on/public-address.ts";
import { listening } from "./listening.ts";

describe("an address", () => {
  it.each(["8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"])(
    "of the Internet: %s",
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );
  it.each([
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "64:ff9b::7f00:1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "2002:7f00:1::",
  ])("that is none of the Internet's: %s", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe("a fetch from an address that a tenant named", () => {
  const get = { method: "GET", headers: {} };
  const signal = AbortSignal.timeout(5_000);

  it("reaches this machine by no name of it, unless the operator allows", async () => {
    const server = await listening();
    let asked = 0;
    server.serve((_request, response) => {
      asked += 1;
      response.end("{}");
    });
    const { port } = new URL(server.origin);
    const closed = outboundFetch({ privateNetwork: false, signal });
    for (const host of ["127.0.0.1", "localhost", "[::1]", "127.1", "2130706433", "0x7f.1"]) {
      await expect(closed(`http://${host}:${port}/`, get)).rejects.toThrow(OutboundError);
    }
    expect(asked).toBe(0);
    expect((await outboundFetch({ privateNetwork: true, signal })(server.origin, get)).status).toBe(200);
    await server.close();
  });
  it("follows no redirect", async () => {
    const server = await listening();
    server.serve((_request, response) => response.writeHead(302, { location: "/elsewhere" }).end());
    const response = await outboundFetch({ privateNetwork: true, signal })(server.origin, get);
    expect(response.status).toBe(302);
    await server.close();
  });
  it("stops reading what has no end", async () => {
    const server = await listening();
    server.serve((_request, response) => {
      const flood = (): void => {
        while (response.write(Buffer.alloc(64 * 1024)));
      };
      response.on("drain", flood);
      flood();
    });
    await expect(outboundFetch({ privateNetwork: true, signal })(server.origin, get)).rejects.toThrow(OutboundError);
    await server.close();
  });
});
