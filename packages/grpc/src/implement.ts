import type { Call, Handler, StreamHandler } from "./call.ts";
import { isDryRunnable } from "./dry-run.ts";

/** One method of a ServiceDefinition as ts-proto generates it, its message types left open. */
export type MethodDefinition = {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestSerialize: (message: never) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => unknown;
  readonly responseSerialize: (message: never) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => unknown;
};

export type ServiceDefinition = Readonly<Record<string, MethodDefinition>>;

export type RequestOf<Method extends MethodDefinition> = ReturnType<Method["requestDeserialize"]>;
export type ResponseOf<Method extends MethodDefinition> = ReturnType<Method["responseDeserialize"]>;

/** A handler for every method of a service. */
export type Handlers<Definition extends ServiceDefinition> = {
  readonly [Name in keyof Definition]: Definition[Name]["responseStream"] extends true
    ? StreamHandler<RequestOf<Definition[Name]>, ResponseOf<Definition[Name]>>
    : Handler<RequestOf<Definition[Name]>, ResponseOf<Definition[Name]>>;
};

type Codec = {
  /** `package.Service/Method`. */
  readonly name: string;
  readonly decode: (bytes: Buffer) => unknown;
  readonly encode: (message: unknown) => Buffer;
};

/** A method with its handler, message types erased: `decode` and `encode` are those the handler was typed by. */
export type ImplementedMethod = Codec &
  (
    | {
        readonly stream: false;
        readonly handle: (request: unknown, call: Call) => Promise<unknown>;
        /** It can be tried without effect. */
        readonly isDryRunnable: boolean;
      }
    | { readonly stream: true; readonly handle: (request: unknown, call: Call) => AsyncIterable<unknown> }
  );

export type Implementation = readonly ImplementedMethod[];

/** Joins a generated service definition with its handlers. Throws for methods that take a stream: we have none. */
export const implement = <const Definition extends ServiceDefinition>(
  definition: Definition,
  handlers: Handlers<Definition>,
): Implementation =>
  Object.entries(definition).map(([key, method]) => {
    if (method.requestStream) throw new Error(`${method.path}: streams of requests are not served`);
    const codec: Codec = {
      name: method.path.slice(1),
      decode: method.requestDeserialize,
      // Erasure: `Handlers` has tied each handler to its definition's messages.
      encode: method.responseSerialize as Codec["encode"],
    };
    const handle: unknown = handlers[key];
    return method.responseStream
      ? { ...codec, stream: true, handle: handle as StreamHandler<unknown, unknown> }
      : { ...codec, stream: false, handle: handle as Handler<unknown, unknown>, isDryRunnable: isDryRunnable(handle) };
  });
