import { context, createContextKey } from "@opentelemetry/api";

/** From where a call came, as it rides with what the call records. Nothing in it names a person. */
export type Origin = {
  requestId?: string;
  /** The session that the user had signed in by. */
  sessionId?: string;
  /** First 24 bits of an IPv4 address, first 48 of an IPv6 one. */
  network?: string;
  /** Class of the client's program. */
  agent?: string;
};

const key = createContextKey("keynode call origin");

/** Runs `run` on behalf of a call from there, through everything it awaits. */
export const runFrom = <Result>(origin: Origin, run: () => Result): Result =>
  context.with(context.active().setValue(key, origin), run);

/** From where the call came that this runs for; undefined for reactions and timers. */
export const currentOrigin = (): Origin | undefined => context.active().getValue(key) as Origin | undefined;
