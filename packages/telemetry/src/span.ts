import {
  type Attributes,
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { attribute } from "./attributes.ts";
import { formatTraceparent, parseTraceparent } from "./traceparent.ts";
import { tracer } from "./tracer.ts";

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

export type SpanRequest = {
  /** Low in cardinality: a method, a route, a subject template; never an id. */
  readonly name: string;
  readonly kind?: keyof typeof KINDS;
  readonly attributes?: Attributes;
  /** Traceparent of the remote span to hang this one under; without it, the span that is active here. */
  readonly parent?: string | undefined;
  /** Starts a trace of its own, whatever is active here. */
  readonly root?: boolean;
  /** Traceparents of spans that caused this one without being its parent. */
  readonly links?: readonly (string | undefined)[];
};

/** A started span and the context in which its children find it. End it with `span.end()`. */
export type StartedSpan = { readonly span: Span; readonly context: Context };

export const startSpan = (request: SpanRequest): StartedSpan => {
  const remote = request.parent === undefined ? undefined : parseTraceparent(request.parent);
  const active = request.root ? ROOT_CONTEXT : context.active();
  const at = remote ? trace.setSpan(active, trace.wrapSpanContext(remote)) : active;
  const span = tracer().startSpan(request.name, otelOptions(request), at);
  return { span, context: trace.getSpan(at) === span ? at : trace.setSpan(at, span) };
};

const otelOptions = ({ kind = "internal", attributes, links }: SpanRequest): SpanOptions => {
  const options: SpanOptions = { kind: KINDS[kind] };
  if (attributes) options.attributes = attributes;
  if (links) {
    options.links = links.flatMap((link) => {
      const linked = link === undefined ? undefined : parseTraceparent(link);
      return linked ? [{ context: linked }] : [];
    });
  }
  return options;
};

/** Runs `run` with the span active, through everything it awaits. */
export const runIn = <Result>({ context: at }: StartedSpan, run: () => Result): Result =>
  at === context.active() ? run() : context.with(at, run);

/** Marks a span as failed by the kind of error only: messages may quote personal data. */
export const failSpan = (span: Span, error: unknown): void => {
  if (span.isRecording()) failSpanAs(span, errorType(error));
};

/** The same for what is told by a code; `type` is low in cardinality. */
export const failSpanAs = (span: Span, type: string): void => {
  span.setAttribute(attribute.errorType, type);
  span.setStatus({ code: SpanStatusCode.ERROR });
};

const errorType = (error: unknown): string => {
  if (!(error instanceof Error)) return typeof error;
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
};

/**
 * Runs `run` inside a span that ends with it, or with the promise it answers. What it throws marks the
 * span as failed and is thrown on.
 */
export const withSpan = <Result>(request: SpanRequest, run: (span: Span) => Result): Result => {
  const started = startSpan(request);
  const { span } = started;
  let result: Result;
  try {
    result = runIn(started, () => run(span));
  } catch (error) {
    failSpan(span, error);
    span.end();
    throw error;
  }
  if (!span.isRecording()) return result;
  if (!(result instanceof Promise)) {
    span.end();
    return result;
  }
  result.then(
    () => span.end(),
    (error: unknown) => {
      failSpan(span, error);
      span.end();
    },
  );
  return result;
};

export const traceparentOf = (span: Span): string => formatTraceparent(span.spanContext());

/** Traceparent of the active span; undefined outside any. */
export const currentTraceparent = (): string | undefined => {
  const active = trace.getSpan(context.active());
  return active && traceparentOf(active);
};
