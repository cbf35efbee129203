import { pinyin } from "pinyin-pro";

/** Characters of a key; an index entry must stay small, and names that agree so far need no order. */
const maxKeyLength = 200;

/**
 * The key that a name sorts by, stored beside it (C-002): Chinese by its pinyin and Latin letters mixed, without case,
 * tones and accents, numbers by their value. `person` reads a leading surname as one (单 shan, not dan).
 */
export const sortKey = (name: string, kind: "person" | "other" = "other"): string =>
  pinyin(name.normalize("NFKC"), {
    toneType: "none",
    type: "array",
    nonZh: "consecutive",
    v: true,
    surname: kind === "person" ? "head" : "off",
  })
    .join(" ")
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/\d+/g, byValue)
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, maxKeyLength)
    .toWellFormed();

/** A number with its length in front, so that text order is the order of values: `9` → `019`, `10` → `0210`. */
const byValue = (digits: string): string => {
  const value = digits.replace(/^0+(?=\d)/, "");
  return String(Math.min(value.length, 99)).padStart(2, "0") + value;
};
