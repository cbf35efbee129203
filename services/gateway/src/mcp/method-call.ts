import { metadataKey, textOf } from "@keynode/grpc/metadata";
import type { Caller } from "../auth/admission.ts";
import type { Exchange } from "../exchange.ts";
import { type Refusal, refusalOfStatus } from "../problem.ts";
import { type EndpointTools, invalidRequest } from "../transcoder/endpoint.ts";
import { locateField } from "../transcoder/field-location.ts";
import { createRequestReader } from "../transcoder/request-message.ts";
import { keepsEmptyLists } from "../transcoder/routes.ts";
import type { Invocation } from "../upstream/invoker.ts";
import type { Tool } from "./tool.ts";
import { partsOf, type ToolArguments } from "./tool-arguments.ts";

/** One request of an agent, and what goes along with every call that it causes. */
export type Visit = {
  readonly exchange: Exchange;
  readonly caller: Caller;
  readonly forwarded: Invocation["forwarded"];
  /** Epoch milliseconds. */
  readonly deadlineMs: number;
  /** Nothing may be changed on this connection. */
  readonly isReadOnly: boolean;
};

/** An answer as proto3 JSON. */
export type Answered = {
  readonly json: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** Names what the call wrote, for reads that must have seen it. */
  readonly consistency: string | undefined;
};

/** Calls one method of the contract as REST would: the same rights, checks, masking and refusals. */
export type MethodCall = {
  /** The request's bytes, or what is wrong with every argument. */
  readonly encode: (visit: Visit, given: ToolArguments) => Buffer | Refusal;
  readonly send: (visit: Visit, message: Buffer, metadata?: Invocation["forwarded"]) => Promise<Answered | Refusal>;
};

export const createMethodCall = (
  tool: Pick<Tool, "route" | "fields">,
  { codec, invoker }: Pick<EndpointTools, "codec" | "invoker">,
): MethodCall => {
  const { route } = tool;
  const read = createRequestReader(route, codec);
  const render = codec.renderer(route.method.output, { emptyLists: keepsEmptyLists(route) });

  return {
    encode: ({ exchange }, given) => {
      const { parts, wrong } = partsOf(tool, given);
      const message = read(parts);
      if (Buffer.isBuffer(message) && wrong.length === 0) return message;
      const violations = Buffer.isBuffer(message) ? wrong : [...wrong, ...message];
      return invalidRequest(route, violations, exchange.locale);
    },
    send: async ({ exchange, caller, forwarded, deadlineMs }, message, metadata = []) => {
      const answer = await invoker.unary(exchange, {
        service: String(route.service),
        method: route.name,
        message,
        caller,
        forwarded: [...forwarded, ...metadata],
        deadlineMs,
      });
      if (answer.kind === "failure") {
        return refusalOfStatus(answer.status, exchange.locale, (field) => locateField(route, field));
      }
      const text = render(answer.message).toString();
      return {
        json: JSON.parse(text) as Answered["json"],
        text,
        consistency: textOf(answer.trailers, metadataKey.consistency),
      };
    },
  };
};
