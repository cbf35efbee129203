/** The event type that carries a republished snapshot: projections take it, reactions and webhooks never do (law 3). */
export const snapshotType = "Snapshot";

const token = /^[A-Za-z0-9_-]+$/;

/** `CRM_LEAD` for the context `lead`: the stream that holds all of a context's events. */
export const streamName = (context: string): string => `CRM_${context.toUpperCase()}`;

/** All subjects of a context. */
export const contextSubjects = (context: string): string => `crm.v1.${context}.>`;

/** One event type of a context (`*` for all), every tenant. */
export const typeSubject = (context: string, type: string): string => `crm.v1.${context}.${type}.*`;

/** Where an event is published. Throws if a part is not a single NATS token: such a record can never be published. */
export const eventSubject = (context: string, type: string, tenant: string): string => {
  for (const part of [context, type, tenant])
    if (!token.test(part)) throw new TypeError(`"${part}" cannot be part of a subject`);
  return `crm.v1.${context}.${type}.${tenant}`;
};

/** The parts of an event's subject; undefined if it is not one. */
export const parseSubject = (subject: string): { context: string; type: string; tenant: string } | undefined => {
  const [crm, version, context, type, tenant, ...rest] = subject.split(".");
  if (crm !== "crm" || version !== "v1" || !context || !type || !tenant || rest.length > 0) return undefined;
  return { context, type, tenant };
};
