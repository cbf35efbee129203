import type { Logger } from "@keynode/telemetry/logger";
import type { Contexts } from "../api/contexts.ts";
import type { Attempts } from "../credential/attempts.ts";
import type { SecurityOf } from "../security-settings.ts";
import type { Stores } from "../stores.ts";
import type { ServerSecret } from "../token/server-secret.ts";

/** What issuing links, and taking them back, needs. */
export type LinkParts = {
  readonly stores: Stores;
  readonly contexts: Contexts;
  readonly attempts: Attempts;
  readonly secret: ServerSecret;
  readonly securityOf: SecurityOf;
  /** Whether there is a way to send mail, or a mailbox to put it in, and an address that links lead to. */
  readonly maySend: boolean;
  readonly now: () => Date;
  readonly log: Logger;
};
