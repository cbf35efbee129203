import { SAMPLE_TIME, sampleId } from "@keynode/contracts/sample";
import { resourceRules } from "@keynode/contracts/descriptors";
import type { EventType } from "@keynode/contracts/events";
import type { JsonSchema } from "../openapi/json-schema.ts";

type Attribute = { readonly description: string; readonly isOptional?: boolean; readonly sample: unknown };

/** The attributes of our CloudEvents 1.0; the last ones are extensions. */
export const ATTRIBUTES = {
  specversion: { description: "Version of CloudEvents: 1.0.", sample: "1.0" },
  id: {
    description: "Names the event for ever; a repeat has the same one.",
    sample: "019bf1d2-6a40-7c11-9d0e-3f2b8a6c4e57",
  },
  source: { description: "The service that recorded it, for example `/crm/lead`.", sample: undefined },
  type: { description: "What happened, for example `crm.lead.v1.LeadCaptured`.", sample: undefined },
  subject: { description: "Id of the record it happened to.", sample: undefined },
  time: { description: "When it was decided, RFC 3339.", sample: SAMPLE_TIME },
  datacontenttype: { description: "Media type of the payload.", sample: "application/protobuf" },
  tenant: { description: "Id of the tenant that the record belongs to.", sample: sampleId("tenant") },
  kind: { description: "Kind of record, for example `lead`.", sample: undefined },
  recordversion: { description: "The record's version after the commit; rises by one with each.", sample: 3 },
  eventindex: { description: "The event's place in its commit, from 0.", sample: 0 },
  eventcount: { description: "How many events the commit has.", sample: 1 },
  actor: { description: "Who acted: id of a user or API key, or `service:` and its name.", sample: sampleId("user") },
  causedby: { description: "Id of the event that this one reacts to.", isOptional: true, sample: undefined },
} as const satisfies Record<string, Attribute>;

/** An event's attributes as an example has them. */
export const sampleAttributes = ({ type, context, record }: EventType): Record<string, unknown> => {
  const kind = resourceRules(record)?.type ?? "";
  const own: Readonly<Record<string, unknown>> = { source: `/crm/${context}`, type, subject: sampleId(kind), kind };
  return Object.fromEntries(
    Object.entries(ATTRIBUTES).flatMap(([name, { sample }]) => {
      const value = own[name] ?? sample;
      return value === undefined ? [] : [[name, value]];
    }),
  );
};

const entries: readonly (readonly [string, Attribute])[] = Object.entries(ATTRIBUTES);

export const ATTRIBUTES_SCHEMA = {
  type: "object",
  properties: Object.fromEntries(
    entries.map(([name, { description, sample }]) => [
      name,
      { type: typeof sample === "number" ? "integer" : "string", description },
    ]),
  ),
  required: entries.filter(([, { isOptional }]) => !isOptional).map(([name]) => name),
} satisfies JsonSchema;
