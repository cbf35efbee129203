import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { timestampFromMs, timestampMs, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { type Exchange, isRefusal, sendRefusal } from "../exchange.ts";
import { type CallStatus, type Refusal, refusalOfStatus, refuse } from "../problem.ts";
import { preferredType } from "./accept.ts";
import { createSink, take, WIRE } from "./codec/bytes.ts";
import { readDelimitedField } from "./codec/wire-reader.ts";
import { writeDelimited, writeVarint32 } from "./codec/wire-writer.ts";
import { type AdmittedCall, admitCall, type Endpoint, type EndpointTools, invalidRequest } from "./endpoint.ts";
import { locateField } from "./field-location.ts";
import { type MergedPlace, mergedCursor, mergedPlace } from "./merged-cursor.ts";
import { createRequestReader } from "./request-message.ts";
import type { Route } from "./routes.ts";
import { openStreamAnswer } from "./stream-answer.ts";
import { EVENT_STREAM, framingOf, type StreamType, streamTypes } from "./stream-framing.ts";

/** A client that takes nothing for this long is let go: it comes back with its last cursor. */
const STALL_MS = 30_000;
/** A service that is away is asked again after this long, twice as long each time up to the longest. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;

/** Codes of a service that is not there, or not new enough to have a part. */
const AWAY: ReadonlySet<string> = new Set(["UNAVAILABLE", "UNIMPLEMENTED"]);

/**
 * One stream of the parts that every service serves: what any of them says goes out as it comes, with a cursor that says
 * how far each has come. A service that is away is waited for, and loses nothing; the others go on.
 */
export const createMergedStream = (route: Route, parts: readonly string[], tools: EndpointTools): Endpoint => {
  const { codec, invoker, streams } = tools;
  const { input, output } = route.method;
  const readRequest = createRequestReader(route, codec);
  const resume = fieldNamed(input, route.rules.stream?.resumeField ?? "");
  const start = fieldNamed(input, "start_time");
  const cursorField = fieldNamed(output, route.rules.stream?.idField ?? "");
  const item = fieldNamed(output, "event");
  if (item.message === undefined) throw new Error(`${route.name} has no message in its field event`);
  const render = codec.renderer(item.message);

  /** As server-sent events the item is the data and the cursor its id; else both are members of a line. */
  const frame = (type: StreamType, cursor: string, message: Buffer | undefined): Buffer => {
    const json = message && render(message);
    if (type === EVENT_STREAM) return Buffer.from(`id: ${cursor}\n${json ? `data: ${json.toString()}\n` : ""}\n`);
    const members = { [cursorField.jsonName]: cursor };
    const head = JSON.stringify(members).slice(0, -1);
    return Buffer.from(`${head}${json ? `,"${item.jsonName}":${json.toString()}` : ""}}\n`);
  };

  const run = (exchange: Exchange, call: AdmittedCall, request: Buffer, place: MergedPlace, type: StreamType): void => {
    const { response, locale, cancels } = exchange;
    const answer = openStreamAnswer(exchange, framingOf(route, type));
    const cursors = new Map(place.cursors);
    const open = new Set(parts);
    let isOver = false;
    let stall: NodeJS.Timeout | undefined;

    const end = (finish: () => void): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(stall);
      clearTimeout(limit);
      finish();
      for (const cancel of cancels) cancel();
    };
    const stop = (refusal: Refusal): void => end(() => answer.fail(refusal));
    // Parts end at their deadline by themselves, unless they are never reached.
    const limit = setTimeout(() => stop(refuse("DEADLINE_EXCEEDED", locale)), call.deadlineMs - Date.now());
    // Each part may wait for the client at once.
    response.setMaxListeners(parts.length + 10);
    response.once("close", () => end(() => undefined));

    const send = (framed: Buffer, next: () => void): void => {
      let isSent = false;
      answer.send(framed, () => {
        isSent = true;
        clearTimeout(stall);
        stall = undefined;
        next();
      });
      if (!isSent) stall ??= setTimeout(() => end(() => response.destroy()), STALL_MS);
    };

    const ask = async (service: string, failures: number): Promise<void> => {
      if (isOver) return;
      let failed = failures;
      const cursor = cursors.get(service);
      const from =
        cursor === undefined
          ? fieldBytes(start, Buffer.from(toBinary(TimestampSchema, timestampFromMs(place.beganMs))))
          : fieldBytes(resume, Buffer.from(cursor));
      // Of a field that comes twice the later one counts, and of no cursor an empty one says that there is none.
      const message = Buffer.concat([request, fieldBytes(resume, Buffer.alloc(0)), from]);
      await invoker.stream(
        exchange,
        { ...call, service, method: route.name, message },
        {
          onMessage: (received, next) => {
            failed = 0;
            const reached = readDelimitedField(received, cursorField.number)?.toString();
            if (reached) cursors.set(service, reached);
            const cursorNow = mergedCursor({ beganMs: place.beganMs, cursors });
            send(frame(type, cursorNow, readDelimitedField(received, item.number)), next);
          },
          onEnd: (status) => {
            if (isOver) return;
            if (status.code === "OK") {
              open.delete(service);
              if (open.size === 0) end(answer.end);
            } else if (AWAY.has(status.code)) {
              const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failed);
              setTimeout(() => void ask(service, failed + 1), wait).unref();
            } else {
              stop(refusalOf(status));
            }
          },
        },
      );
    };

    const refusalOf = (status: CallStatus): Refusal =>
      refusalOfStatus(status, locale, (field) => locateField(route, field));

    const caller = call.caller === "anonymous" ? (exchange.request.ip ?? "") : call.caller.principal.actor;
    if (!streams.add(exchange, caller, () => stop(refuse("SHUTTING_DOWN", locale)))) {
      stop(refuse("TOO_MANY_STREAMS", locale));
      return;
    }
    for (const service of parts) void ask(service, 0);
  };

  return {
    template: route.template.text,
    serve: async (exchange) => {
      const { locale, query, request } = exchange;
      const call = await admitCall(route, exchange, tools);
      if (isRefusal(call)) return sendRefusal(exchange, call);
      const message = readRequest({ pathValues: [], query, body: undefined, lastEventId: call.lastEventId });
      if (!Buffer.isBuffer(message)) return sendRefusal(exchange, invalidRequest(route, message, locale));
      const type = preferredType(request.headers.accept, streamTypes(route));
      if (type === undefined) {
        const metadata = { offered: streamTypes(route).join(", ") };
        return sendRefusal(exchange, refuse("NOT_ACCEPTABLE", locale, { metadata }));
      }
      const place = placeIn(message, resume, start);
      if (place === undefined) {
        const error = { parameter: resume.jsonName, code: "INVALID_CURSOR", message: INVALID_CURSOR[locale] };
        return sendRefusal(exchange, refuse("INVALID_REQUEST", locale, { errors: [error] }));
      }
      run(exchange, call, message, place, type);
    },
  };
};

const INVALID_CURSOR = { en: "Expected a cursor that this stream has told.", zh: "应为该事件流给出的游标。" };

/** Where to go on; without a cursor, where the request says, or now. */
const placeIn = (message: Buffer, resume: DescField, start: DescField): MergedPlace | undefined => {
  const cursor = readDelimitedField(message, resume.number)?.toString() ?? "";
  if (cursor !== "") return mergedPlace(cursor);
  const time = readDelimitedField(message, start.number);
  const beganMs = time ? timestampMs(fromBinary(TimestampSchema, time)) : Date.now();
  return { beganMs: Math.max(0, beganMs), cursors: new Map() };
};

const fieldNamed = (message: DescMessage, name: string): DescField => {
  const field = message.fields.find((one) => one.name === name);
  if (field === undefined) throw new Error(`${message.typeName} has no field ${name}, so it is no part of a stream`);
  return field;
};

/** One more field for a message's end. */
const fieldBytes = ({ number }: DescField, value: Buffer): Buffer => {
  const sink = createSink();
  writeVarint32(sink, (number << 3) | WIRE.bytes);
  writeDelimited(sink, value);
  return take(sink);
};
