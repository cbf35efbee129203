import type { FileRegistry } from "@bufbuild/protobuf";
import { type DescMessage, toJson } from "@bufbuild/protobuf";
import { documentation } from "@keynode/contracts/documentation";
import { type EventType, eventTypes } from "@keynode/contracts/events";
import { sampleOf } from "@keynode/contracts/sample";
import { createMessageSchemas, jsonNames } from "../openapi/message-schemas.ts";
import { ATTRIBUTES, ATTRIBUTES_SCHEMA, sampleAttributes } from "./cloud-event.ts";

/** The AsyncAPI 3.0 document of every event of the contract: where it is sent, what it says, an example of it. */
export const asyncApiDocument = (registry: FileRegistry, version: string) => {
  const events = eventTypes(registry);
  const schemas = createMessageSchemas(registry);
  const payloads = new Map(events.map((event) => [event.type, schemas.message(event.message)]));
  const keyed = <Value>(make: (event: EventType) => Value, keyOf: (event: EventType) => string = channelKey) =>
    Object.fromEntries(events.map((event) => [keyOf(event), make(event)]));

  return {
    asyncapi: "3.0.0",
    info: {
      title: "Keynode events",
      version,
      description: DESCRIPTION,
      license: { name: "Apache-2.0" },
      tags: [...new Set(events.map(({ context }) => context))].map((name) => ({ name })),
    },
    defaultContentType: "application/protobuf",
    servers: {
      bus: {
        host: "nats:4222",
        protocol: "nats",
        description: "The bus that the services share; not open to clients.",
      },
    },
    channels: keyed(({ type, name, context }) => ({
      address: `crm.v1.${context}.${name}.{tenant}`,
      description: `${name}, of all records of a tenant. Held by the stream CRM_${context.toUpperCase()} for seven days.`,
      servers: [{ $ref: "#/servers/bus" }],
      parameters: { tenant: { description: "Id of the tenant whose records they are." } },
      messages: { [name]: { $ref: `#/components/messages/${type}` } },
    })),
    operations: keyed(
      (event) => ({
        action: "send",
        title: `${event.context} says ${event.name}`,
        channel: { $ref: `#/channels/${channelKey(event)}` },
        messages: [{ $ref: `#/channels/${channelKey(event)}/messages/${event.name}` }],
      }),
      (event) => `${channelKey(event)}.send`,
    ),
    components: {
      messages: keyed(
        (event) => ({
          name: event.type,
          title: event.name,
          summary: summaryOf(event.message),
          contentType: "application/protobuf",
          tags: [{ name: event.context }],
          headers: { $ref: "#/components/schemas/CloudEventHeaders" },
          payload: payloads.get(event.type),
          examples: [{ name: "sample", headers: headersOf(event), payload: samplePayload(event, registry) }],
        }),
        ({ type }) => type,
      ),
      schemas: { ...schemas.components(), CloudEventHeaders: HEADERS_SCHEMA },
    },
  };
};

const DESCRIPTION = `Everything that happens to a record is an event, in the words of the business. Each is recorded in its
service's journal in the same write that changed the record, and never changes afterwards.

An event is a [CloudEvent](https://cloudevents.io) 1.0. On the bus it is in binary mode: the attributes are headers and the payload
is the protobuf message that \`ce-type\` names. Payload schemas show that message as proto3 JSON, which is how the gateway tells it
in \`GET /v1/events:stream\`. The last event of a commit carries the whole record as \`snapshot\`.

Events of one record come in the order of \`recordversion\` and \`eventindex\`; any may come twice, with the same id. New fields and
new events may appear at any time, and none loses its meaning.`;

/** Unique among all services: `lead.LeadCaptured`. */
const channelKey = ({ context, name }: EventType): string => `${context}.${name}`;

const summaryOf = (message: DescMessage): string => jsonNames(documentation(message)).replaceAll("\n", " ");

/** What an event says, as proto3 JSON, with every field set. */
export const samplePayload = ({ message }: EventType, registry: FileRegistry) =>
  toJson(message, sampleOf(message), { registry });

/** The attributes as headers on the bus, where all values are text. */
const headersOf = (event: EventType): Record<string, string> =>
  Object.fromEntries(Object.entries(sampleAttributes(event)).map(([name, value]) => [`ce-${name}`, String(value)]));

const HEADERS_SCHEMA = {
  ...ATTRIBUTES_SCHEMA,
  properties: Object.fromEntries(
    Object.entries(ATTRIBUTES).map(([name, { description }]) => [`ce-${name}`, { type: "string", description }]),
  ),
  required: ATTRIBUTES_SCHEMA.required.map((name) => `ce-${name}`),
};
