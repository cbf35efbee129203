/** Seconds since 1970 of 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z: what google.protobuf.Timestamp may hold. */
export const MIN_SECONDS = -62_135_596_800;
export const MAX_SECONDS = 253_402_300_799;

const NANOS_PER_SECOND = 1_000_000_000;

/** Nanoseconds as 0, 3, 6 or 9 digits behind a dot, as proto3 JSON has them. */
export const fractionText = (nanos: number): string => {
  if (nanos === 0) return "";
  const digits = String(nanos + NANOS_PER_SECOND).slice(1);
  if (digits.endsWith("000000")) return `.${digits.slice(0, 3)}`;
  return digits.endsWith("000") ? `.${digits.slice(0, 6)}` : `.${digits}`;
};

/** RFC 3339 in UTC, or undefined for what a Timestamp may not hold. */
export const timestampText = (seconds: number, nanos: number): string | undefined => {
  if (!(seconds >= MIN_SECONDS && seconds <= MAX_SECONDS && nanos >= 0 && nanos < NANOS_PER_SECOND)) return undefined;
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}${fractionText(nanos)}Z`;
};

const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** Reads RFC 3339 with any offset; undefined when it is not one, or names a day or time that does not exist. */
export const parseTimestamp = (text: string): { seconds: number; nanos: number } | undefined => {
  const match = RFC_3339.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction = "", offset = "Z"] = match;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const atUtc = Date.parse(`${local}Z`);
  // Date.parse turns 30 February into 2 March and 24:00 into the next day: what comes back must be what went in.
  if (Number.isNaN(atUtc) || new Date(atUtc).toISOString().slice(0, 19) !== local) return undefined;
  const offsetMinutes =
    offset.length === 1 ? 0 : Number(`${offset[0]}1`) * (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4)));
  const seconds = atUtc / 1000 - offsetMinutes * 60;
  if (seconds < MIN_SECONDS || seconds > MAX_SECONDS) return undefined;
  return { seconds, nanos: Number(fraction.padEnd(9, "0")) };
};

/** Seconds that google.protobuf.Duration may hold: about 10,000 years. */
const MAX_DURATION_SECONDS = 315_576_000_000;

/** Reads `1.5s`; seconds and nanos have the same sign. */
export const parseDuration = (text: string): { seconds: number; nanos: number } | undefined => {
  const match = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/.exec(text);
  if (!match) return undefined;
  const sign = match[1] === "-" ? -1 : 1;
  const seconds = Number(match[2]);
  const nanos = Number((match[3] ?? "").padEnd(9, "0"));
  if (seconds > MAX_DURATION_SECONDS || (seconds === MAX_DURATION_SECONDS && nanos > 0)) return undefined;
  return { seconds: sign * seconds + 0, nanos: sign * nanos + 0 };
};
