import { secret, text } from "@keynode/config/variables";
import { serviceVariables } from "@keynode/runtime/service-config";
import { z } from "zod";

/** What the tenant that an installation begins with is made of. */
const installed = ["SEED_TENANT", "SEED_ADMIN_EMAIL", "SEED_ADMIN_PASSWORD"] as const;

export const identitySchema = z
  .object({
    ...serviceVariables,
    /** Key of a tenant that is made, with an administrator, when the service starts; without it none is. */
    SEED_TENANT: text()
      .pipe(z.string().regex(/^[a-z][a-z0-9-]{1,39}$/, "expected a tenant's key"))
      .optional(),
    SEED_ADMIN_EMAIL: text().pipe(z.email()).optional(),
    /** Another one than last time replaces the administrator's password. */
    SEED_ADMIN_PASSWORD: secret(text()).optional(),
    /** An API key with all rights, `kn_` and at least 34 characters; another one than last time revokes that. */
    SEED_API_KEY: secret(text().pipe(z.string().regex(/^kn_[\w-]{34,200}$/, "expected an API key"))).optional(),
  })
  .superRefine((config, context) => {
    if (installed.every((name) => config[name] === undefined) && config.SEED_API_KEY === undefined) return;
    for (const name of installed.filter((each) => config[each] === undefined)) {
      context.addIssue({ code: "custom", path: [name], message: "is missing beside the other SEED variables" });
    }
  });

export type IdentityConfig = z.output<typeof identitySchema>;
