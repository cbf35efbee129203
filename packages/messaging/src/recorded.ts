/** The decoding half of a generated message, as ts-proto makes it. */
export type MessageCodec<Message> = {
  encode(message: Message): { finish(): Uint8Array };
  decode(bytes: Uint8Array): Message;
};

/** One recorded event as a consumer sees it, whether it came from the bus or from a journal. */
export type Recorded = {
  id: string;
  /** Short name of the event message. */
  type: string;
  /** The context that recorded it: `lead`, `contract`, … */
  context: string;
  tenant: string;
  kind: string;
  /** Id of the record the event is about. */
  recordId: string;
  version: number;
  index: number;
  count: number;
  at: Date;
  actor: string;
  causedBy?: string;
  traceparent?: string;
  /** The event message, protobuf-encoded; decode with the generated codec named by `type`. */
  data: Uint8Array;
};
