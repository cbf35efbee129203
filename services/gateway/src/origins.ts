import { z } from "zod";

/** An origin (RFC 6454) whose pages may call the API; with a tenant, for its callers only. */
export type AllowedOrigin = { readonly origin: string; readonly tenant: string | undefined };

const ENTRY = /^(?:(?<tenant>[\w-]{1,64})=)?(?<origin>https?:\/\/[^/?#\s@]+)$/;

/** Origins as `https://console.example,tenant_01…=https://crm.acme.example`. */
export const origins = () =>
  z.string().transform((text, context): readonly AllowedOrigin[] => {
    const entries = text
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== "");
    return entries.map((entry) => {
      const { tenant, origin = "" } = ENTRY.exec(entry)?.groups ?? {};
      if (origin === "" || URL.parse(origin)?.origin !== origin) {
        context.addIssue({ code: "custom", message: `${entry} is no origin such as https://console.example` });
        return z.NEVER;
      }
      return { origin, tenant };
    });
  });
