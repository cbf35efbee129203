import type { NatsUser } from "@keynode/engines/nats/config";

/**
 * What a service may do on the bus (law 8): publish its own context's events, make and mend its own stream, and consume
 * any. Answers of the broker come to its inbox.
 */
export const busUser = (service: string, password: string): NatsUser => {
  const stream = `CRM_${service.toUpperCase()}`;
  return {
    user: service,
    password,
    publish: [
      `crm.v1.${service}.>`,
      "$JS.API.INFO",
      "$JS.API.STREAM.INFO.*",
      `$JS.API.STREAM.CREATE.${stream}`,
      `$JS.API.STREAM.UPDATE.${stream}`,
      `$JS.API.STREAM.MSG.DELETE.${stream}`,
      "$JS.API.CONSUMER.>",
      "$JS.ACK.>",
    ],
    subscribe: ["_INBOX.>", "crm.v1.>"],
  };
};
