import type { JournalPosition } from "@keynode/messaging/journal";

/** A place in a journal as a stream of events names it to its reader. */
export type Place = JournalPosition & {
  /**
   * How many rows of the tenant stood in the overlap before this place when it was told. Other than that many later on: a
   * row became visible behind its time.
   */
  readonly known: number;
};

const TIME_BYTES = 6;
const ID_BYTES = 16;
const KNOWN_BYTES = 3;
const MAX_KNOWN = 2 ** (8 * KNOWN_BYTES) - 1;

/** 34 characters of base64url: the gateway puts those of all services into one event's id. */
export const cursorOf = ({ recordedAt, id, known }: Place): string => {
  const bytes = Buffer.alloc(TIME_BYTES + ID_BYTES + KNOWN_BYTES);
  bytes.writeUIntBE(recordedAt.getTime(), 0, TIME_BYTES);
  bytes.write(id.replaceAll("-", ""), TIME_BYTES, "hex");
  bytes.writeUIntBE(Math.min(known, MAX_KNOWN), TIME_BYTES + ID_BYTES, KNOWN_BYTES);
  return bytes.toString("base64url");
};

const CURSOR = /^[\w-]{34}$/;

/** Undefined for what no stream has told. */
export const placeOf = (cursor: string): Place | undefined => {
  if (!CURSOR.test(cursor)) return undefined;
  const bytes = Buffer.from(cursor, "base64url");
  const hex = bytes.toString("hex", TIME_BYTES, TIME_BYTES + ID_BYTES);
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  return {
    recordedAt: new Date(bytes.readUIntBE(0, TIME_BYTES)),
    id: /^0*$/.test(hex) ? "" : parts.join("-"),
    known: bytes.readUIntBE(TIME_BYTES + ID_BYTES, KNOWN_BYTES),
  };
};
