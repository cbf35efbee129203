import type { DescMessage } from "@bufbuild/protobuf";
import type { Problem } from "../problem.ts";
import { readDelimitedField } from "./codec/wire-reader.ts";
import { csvHeader, csvRow } from "./csv-row.ts";
import type { Route } from "./routes.ts";

/** Newline-delimited JSON: one message a line. */
export const NDJSON = "application/x-ndjson";
/** Server-sent events (WHATWG HTML §9.2): what a browser's EventSource reads. */
export const EVENT_STREAM = "text/event-stream";

/** Comma-separated values (RFC 4180): what a spreadsheet reads. */
export const CSV = "text/csv";

export type StreamType = typeof NDJSON | typeof EVENT_STREAM | typeof CSV;

/** What a stream is offered as, the first to those who do not say; one whose method exports, as a table too. */
export const streamTypes = ({ method }: Pick<Route, "method">): readonly [StreamType, ...StreamType[]] =>
  method.name.startsWith("Export") ? [NDJSON, CSV] : [NDJSON, EVENT_STREAM];

/** How the parts of a stream stand in the answer's body. */
export type Framing = {
  readonly type: StreamType;
  /** Written before the first item. */
  readonly prologue: string;
  /** Told in silence, so that nobody between takes the connection for dead; undefined where no such words exist. */
  readonly heartbeat: string | undefined;
  /** Why the stream broke; undefined where no such words exist: then the connection breaks too. */
  readonly failure: ((problem: Problem) => string) | undefined;
  /** True when clients come back by themselves, and are told nothing when the gateway only wants them to. */
  readonly isResumed: boolean;
};

/** Puts one message's JSON into its frame; `message` is what it was made of. */
export type FrameItem = (json: Buffer, message: Buffer) => Buffer;

/** How long a client waits before it comes back. */
const RECONNECT_MS = 1_000;

const FRAMINGS: Readonly<Record<StreamType, Framing>> = {
  [NDJSON]: {
    type: NDJSON,
    prologue: "",
    heartbeat: undefined,
    failure: (problem) => `${JSON.stringify({ error: problem })}\n`,
    isResumed: false,
  },
  [EVENT_STREAM]: {
    type: EVENT_STREAM,
    prologue: `retry: ${RECONNECT_MS}\n\n`,
    heartbeat: ":\n\n",
    // Not `error`: that is the name of EventSource's own event when a connection ends.
    failure: (problem) => `event: problem\ndata: ${JSON.stringify(problem)}\n\n`,
    isResumed: true,
  },
  [CSV]: { type: CSV, prologue: "", heartbeat: undefined, failure: undefined, isResumed: false },
};

/** How a route's stream is framed. */
export const framingOf = ({ method }: Pick<Route, "method">, type: StreamType): Framing =>
  type === CSV ? { ...FRAMINGS[CSV], prologue: csvHeader(method.output) } : FRAMINGS[type];

const NEWLINE = Buffer.from("\n");
const DATA = Buffer.from("data: ");
const END = Buffer.from("\n\n");
/** What may stand in a line of a server-sent event, so that no value can start a line of its own. */
const LINE = /^[^\n\r\0]{1,512}$/;

/** How a route's messages are framed; JSON from the codec holds no line break. */
export const frameItemOf = (route: Route, type: StreamType): FrameItem => {
  if (type === CSV) return csvRow(route.method.output);
  if (type === NDJSON) return (json) => Buffer.concat([json, NEWLINE]);
  const { idField = "", eventField = "" } = route.rules.stream ?? {};
  const id = lineWriter("id", route.method.output, idField);
  const event = lineWriter("event", route.method.output, eventField);
  return (json, message) => Buffer.concat([Buffer.from(id(message) + event(message)), DATA, json, END]);
};

/** Writes the line of one field of an event; nothing where the message does not fill it. Throws when it has no such text. */
const lineWriter = (name: string, desc: DescMessage, fieldName: string): ((message: Buffer) => string) => {
  if (fieldName === "") return () => "";
  const field = desc.fields.find((one) => one.name === fieldName && one.fieldKind === "scalar");
  if (field === undefined) throw new Error(`${desc.typeName} has no field ${fieldName} for an event's ${name}`);
  return (message) => {
    const value = readDelimitedField(message, field.number)?.toString() ?? "";
    return LINE.test(value) ? `${name}: ${value}\n` : "";
  };
};
