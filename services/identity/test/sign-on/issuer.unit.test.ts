import { expect, it } from "vitest";
import { refuseIssuer } from "../../src/sign-on/issuer.ts";

const reason = (issuer: string, privateNetwork = false) => refuseIssuer(issuer, { privateNetwork })?.reason;

it.each(["https://login.example", "https://login.example/realms/staff", "https://login.example:8443/tenant/v2.0"])(
  "an issuer may be %s",
  (issuer) => {
    expect(reason(issuer)).toBeUndefined();
  },
);

it.each([
  "http://login.example",
  "https://",
  "https://login.example/?realm=staff",
  "https://login.example/?",
  "https://login.example/#staff",
  "https://somebody@login.example",
  "ftp://login.example",
])("an issuer may not be %s", (issuer) => {
  expect(reason(issuer)).toBe("ISSUER_REFUSED");
});

it("an issuer needs no TLS in a network that the operator answers for", () => {
  expect(reason("http://keycloak.internal:8080/realms/staff", true)).toBeUndefined();
});
