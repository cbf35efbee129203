import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { DomainError } from "@keynode/decider/domain-error";
import type { Locale } from "@keynode/decider/error-table";
import { type Problem, problem, refuse } from "./problem.ts";

/** Which fields of a message are shown; `whole` includes everything below. Keys are lowerCamel. */
export type ReadMask = "whole" | ReadonlyMap<string, ReadMask>;

/**
 * Reads a `read_mask` (AIP-157): paths in proto or JSON spelling, also through repeated messages; none or `*` shows
 * everything. Errors: INVALID_FIELD_MASK naming every path that is no field of the message.
 */
export const readMask = (
  message: DescMessage,
  paths: readonly string[] | undefined,
  locale: Locale = "en",
): ReadMask | DomainError => {
  if (paths === undefined || paths.length === 0 || paths.includes("*")) return "whole";
  const problems: Problem[] = [];
  const mask = new Map<string, ReadMask>();
  for (const path of paths) {
    const names = localNames(message, path.split("."));
    if (names === undefined) problems.push(problem("MASK_UNKNOWN_FIELD", { field: path }));
    else show(mask, names);
  }
  const [first, ...others] = problems;
  return first === undefined ? mask : refuse("INVALID_FIELD_MASK", "read_mask", [first, ...others], locale);
};

/** The message with the mask's fields only: give it to the generated `fromPartial`, which fills in the defaults. */
export const applyReadMask = <Message extends object>(message: Message, mask: ReadMask): Partial<Message> =>
  mask === "whole" ? message : (masked(message, mask) as Partial<Message>);

const masked = (value: unknown, mask: ReadMask): unknown => {
  if (mask === "whole" || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => masked(item, mask));
  const shown = Object.entries(value).flatMap(([name, inner]) => {
    const below = mask.get(name);
    return below === undefined ? [] : [[name, masked(inner, below)]];
  });
  return Object.fromEntries(shown);
};

const localNames = (message: DescMessage, [name, ...rest]: readonly string[]): string[] | undefined => {
  const field = message.fields.find((each) => each.name === name || each.jsonName === name);
  if (field === undefined) return undefined;
  if (rest.length === 0) return [field.localName];
  const inner = messageOf(field);
  const below = inner && localNames(inner, rest);
  return below && [field.localName, ...below];
};

const messageOf = (field: DescField): DescMessage | undefined =>
  field.fieldKind === "message" || (field.fieldKind === "list" && field.listKind === "message")
    ? field.message
    : undefined;

const show = (mask: Map<string, ReadMask>, [name = "", ...rest]: readonly string[]): void => {
  const there = mask.get(name);
  if (there === "whole") return;
  if (rest.length === 0) {
    mask.set(name, "whole");
    return;
  }
  const below = new Map(there);
  show(below, rest);
  mask.set(name, below);
};
