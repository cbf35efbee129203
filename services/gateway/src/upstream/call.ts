import { type Channel, type Metadata, type StatusObject, status as codes } from "@grpc/grpc-js";
import { codeName, readDetails, statusFromTrailers } from "@keynode/grpc/status";
import type { CallStatus } from "../problem.ts";

export type CallRequest = {
  /** `/crm.lead.v1.LeadService/GetLead`. */
  readonly path: string;
  readonly message: Buffer;
  readonly metadata: Metadata;
  /** Epoch milliseconds; Infinity for none. */
  readonly deadlineMs: number;
};

/** How a unary call ended; `headers` and `trailers` are what the service sent along. */
export type Answer =
  | {
      readonly kind: "answer";
      readonly message: Buffer;
      readonly headers: Metadata | undefined;
      readonly trailers: Metadata;
    }
  | { readonly kind: "failure"; readonly status: CallStatus };

/** Ends a call that nobody waits for any more. */
export type Cancel = () => void;

/**
 * Messages pass as bytes, and by the channel rather than by grpc-js's Client: its interceptors,
 * emitter and stack trace per call cost a fifth of the call and serve nothing here.
 */
const startCall = (channel: Channel, { path, deadlineMs }: CallRequest) =>
  channel.createCall(path, deadlineMs, null, null, null);

type Call = ReturnType<typeof startCall>;

const cancel = (call: Call): void => call.cancelWithStatus(codes.CANCELLED, "the client is gone");

export const callUnary = (channel: Channel, request: CallRequest, onStarted: (cancel: Cancel) => void) =>
  new Promise<Answer>((resolve) => {
    const call = startCall(channel, request);
    let headers: Metadata | undefined;
    let message: Buffer | undefined;
    call.start(request.metadata, {
      onReceiveMetadata: (metadata) => {
        headers = metadata;
      },
      onReceiveMessage: (received: Buffer) => {
        message = received;
      },
      onReceiveStatus: (status) => {
        if (status.code !== codes.OK) resolve({ kind: "failure", status: callStatus(status) });
        else if (message === undefined) resolve({ kind: "failure", status: FAULT });
        else resolve({ kind: "answer", message, headers, trailers: status.metadata });
      },
    });
    onStarted(() => cancel(call));
    call.sendMessageWithContext({}, request.message);
    call.halfClose();
    call.startRead();
  });

/** Receives a stream; each message is asked for by `next` only, so a slow reader slows the service down. */
export type StreamListener = {
  readonly onMessage: (message: Buffer, next: () => void) => void;
  readonly onEnd: (status: CallStatus) => void;
};

export const callStream = (channel: Channel, request: CallRequest, listener: StreamListener): Cancel => {
  const call = startCall(channel, request);
  const next = (): void => call.startRead();
  call.start(request.metadata, {
    onReceiveMetadata: () => undefined,
    onReceiveMessage: (message: Buffer) => listener.onMessage(message, next),
    onReceiveStatus: (status) => listener.onEnd(callStatus(status)),
  });
  call.sendMessageWithContext({}, request.message);
  call.halfClose();
  next();
  return () => cancel(call);
};

const callStatus = (status: StatusObject): CallStatus => ({
  code: codeName(status.code),
  details: readDetails(statusFromTrailers(status.metadata)),
});

const NO_DETAILS = readDetails(undefined);
/** What a service that cannot be reached amounts to. */
export const UNREACHABLE: CallStatus = { code: "UNAVAILABLE", details: NO_DETAILS };

/** The caller's tenant has meanwhile closed itself to the address that the call comes from. */
export const BARRED: CallStatus = { code: "PERMISSION_DENIED", details: NO_DETAILS };

/** Our fault, not the client's: a service that does not know the gateway's key, an answer that cannot be read. */
export const FAULT: CallStatus = { code: "INTERNAL", details: NO_DETAILS };
