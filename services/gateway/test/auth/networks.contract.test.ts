import { networksOf } from "@keynode/auth/networks";
import { describe, expect, it } from "vitest";
import { PRINCIPAL } from "../fixtures/principal.ts";
import { problemIn, shareTestGateway } from "../fixtures/test-gateway.ts";

const offices = networksOf(["203.0.113.0/24", "2001:db8:1::/48"]);

/** A tenant that lets callers in from its offices alone, behind so many proxies. */
const gatewayOf = (trustedProxies: number) =>
  shareTestGateway({
    authenticate: async () => ({ principal: PRINCIPAL, networks: offices }),
    handler: () => ({ json: { id: "t1", etag: "1" } }),
    env: { TRUSTED_PROXIES: String(trustedProxies) },
  });

type Gateway = ReturnType<ReturnType<typeof gatewayOf>>;
const from = async ({ send, received }: Gateway, forwardedFor?: string) => {
  const before = received.length;
  const headers = forwardedFor === undefined ? {} : { "x-forwarded-for": forwardedFor };
  const response = await send("/v1/things/t1", { headers });
  // Who is refused is refused at the door: the service hears of nothing.
  if (response.status === 200) return "let in";
  const { status, code } = await problemIn(response);
  return { status, code, heard: received.length - before };
};

const refused = { status: 403, code: "ADDRESS_NOT_ALLOWED", heard: 0 };

describe("a caller of a tenant that names networks, where no proxy is trusted,", () => {
  const gateway = gatewayOf(0);
  it("is refused from elsewhere, before any service is asked", async () => {
    expect(await from(gateway())).toEqual(refused);
  });
  it("is refused whatever it writes into X-Forwarded-For", async () => {
    expect(await from(gateway(), "203.0.113.7")).toEqual(refused);
    expect(await from(gateway(), "203.0.113.7, 203.0.113.8")).toEqual(refused);
  });
});

describe("a caller of a tenant that names networks, behind one trusted proxy,", () => {
  const gateway = gatewayOf(1);
  it.each(["203.0.113.7", "::ffff:203.0.113.7", "2001:db8:1::7", "2001:DB8:1:FFFF::1"])(
    "is let in from %s",
    async (address) => {
      expect(await from(gateway(), address)).toBe("let in");
    },
  );
  it.each(["203.0.114.7", "2001:db8:2::7", "::ffff:198.51.100.1", "nowhere", "203.0.113.7:443", ""])(
    "is refused from %j",
    async (address) => {
      expect(await from(gateway(), address)).toEqual(refused);
    },
  );
  it("is who the proxy saw, not who it says it is: the last address counts", async () => {
    expect(await from(gateway(), "203.0.113.7, 198.51.100.1")).toEqual(refused);
    expect(await from(gateway(), "198.51.100.1, 203.0.113.7")).toBe("let in");
  });
});

describe("a caller of a tenant that names networks, behind two trusted proxies,", () => {
  const gateway = gatewayOf(2);
  it("is who the outer one saw", async () => {
    expect(await from(gateway(), "198.51.100.1, 203.0.113.7, 10.0.0.1")).toBe("let in");
    expect(await from(gateway(), "203.0.113.7, 198.51.100.1, 10.0.0.1")).toEqual(refused);
  });
});
