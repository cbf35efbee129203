import type { DescMessage, FileRegistry } from "@bufbuild/protobuf";
import { resourceRules } from "./descriptors.ts";

/** One kind of event that a service may record. */
export type EventType = {
  /** As CloudEvents name it: `crm.lead.v1.LeadCaptured`. */
  readonly type: string;
  /** Short, as the bus and the journals name it: `LeadCaptured`. */
  readonly name: string;
  /** Who records it: `lead`. */
  readonly context: string;
  readonly message: DescMessage;
  /** What it happens to: the message of its snapshot. */
  readonly record: DescMessage;
};

/** Field of an event that holds the record after the commit. */
export const SNAPSHOT = "snapshot";

/** Every event of the contract, in its order: the messages of `…_events.proto` that carry a resource's snapshot. */
export const eventTypes = (registry: FileRegistry): EventType[] =>
  [...registry.files]
    .filter((file) => file.name.startsWith("crm/") && file.name.endsWith("_events"))
    .flatMap((file) => {
      const [, context = ""] = file.proto.package.split(".");
      return file.messages.flatMap((message) => {
        const record = message.fields.find(({ name }) => name === SNAPSHOT)?.message;
        const isEvent = record !== undefined && resourceRules(record) !== undefined;
        return isEvent ? [{ type: message.typeName, name: message.name, context, message, record }] : [];
      });
    });
