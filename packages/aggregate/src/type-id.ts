import { createHash } from "node:crypto";
import { fromUUIDBytes, toUUIDBytes, type TypeId, typeidUnboxed } from "typeid-js";

/** A new TypeID, `lead_01h…`: the prefix and a UUIDv7 in Crockford base32, so ids sort by time. */
export const newId = (prefix: string): string => typeidUnboxed(prefix);

/**
 * The id that the same parts always give: a UUIDv8 (RFC 9562 §5.8) over their SHA-256. Keyed creates and
 * reactions use it, so that doing the same thing twice meets the first result instead of making a second.
 */
export const derivedId = (prefix: string, ...parts: readonly string[]): string => {
  const bytes = Uint8Array.from(digest(parts).subarray(0, 16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return fromUUIDBytes(prefix, bytes);
};

/** What an id tells by itself: when it was made, of a new one; `derived`, of one that its parts give; `malformed`. */
export const originOf = (id: string): Date | "derived" | "malformed" => {
  try {
    const bytes = toUUIDBytes(id as TypeId<string>);
    return (bytes[6] ?? 0) >> 4 === 7 ? new Date(Buffer.from(bytes).readUIntBE(0, 6)) : "derived";
  } catch {
    return "malformed";
  }
};

/** Base64url SHA-256 over parts, each length-prefixed so that no two lists of parts share a digest by their seams. */
export const digestOf = (...parts: readonly string[]): string => digest(parts).toString("base64url");

const digest = (parts: readonly string[]): Buffer => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:${part}`);
  return hash.digest();
};
