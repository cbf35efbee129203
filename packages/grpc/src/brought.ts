import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { fieldBehavior } from "@keynode/contracts/descriptors";

/** One kind of message: its own fields that are marked, and those that lead to others. */
export type MarkedFields<Mark> = {
  readonly own: readonly { readonly field: DescField; readonly mark: Mark }[];
  readonly inner: readonly { readonly field: DescField; readonly plan: MarkedFields<Mark> }[];
};

/** Finds the fields that a caller can set and that are marked, in a message and all it holds; undefined without any. */
export const markedFields = <Mark>(
  message: DescMessage,
  markOf: (field: DescField) => Mark | undefined,
  above: readonly DescMessage[] = [],
): MarkedFields<Mark> | undefined => {
  if (above.includes(message)) return undefined;
  const settable = message.fields.filter((field) => !fieldBehavior(field).includes("OUTPUT_ONLY"));
  const own = settable.flatMap((field) => {
    const mark = markOf(field);
    return mark === undefined ? [] : [{ field, mark }];
  });
  const inner = settable.flatMap((field) => {
    const plan = field.message && markedFields(field.message, markOf, [...above, message]);
    return plan === undefined ? [] : [{ field, plan }];
  });
  return own.length + inner.length === 0 ? undefined : { own, inner };
};

/** One text that a request brings in a marked field. */
export type Brought<Mark> = {
  readonly mark: Mark;
  readonly field: DescField;
  readonly value: string;
  /** As people are told: `lead.needs[2]`. */
  readonly place: string;
  /** Names that lead to it from the request, as messages have them, without the places in lists. */
  readonly path: readonly string[];
  /** Of a batch: which of its items. */
  readonly item: number | undefined;
};

/** The texts that a request brings in marked fields; empty ones are none. */
export const broughtBy = <Mark>(
  request: unknown,
  plan: MarkedFields<Mark>,
  itemsField: string | undefined,
): Brought<Mark>[] => {
  const brought: Brought<Mark>[] = [];
  const walk = (
    message: unknown,
    { own, inner }: MarkedFields<Mark>,
    place: string,
    path: readonly string[],
    item?: number,
  ): void => {
    for (const { field, mark } of own) {
      const value = valueAt(message, field);
      for (const [index, text] of (Array.isArray(value) ? value : [value]).entries()) {
        if (typeof text !== "string" || text === "") continue;
        const at = `${place}${field.name}${Array.isArray(value) ? `[${index}]` : ""}`;
        brought.push({ mark, field, value: text, place: at, path: [...path, field.localName], item });
      }
    }
    for (const { field, plan: below } of inner) {
      const value = valueAt(message, field);
      if (value === undefined) continue;
      const at = [...path, field.localName];
      if (field.fieldKind === "map") {
        for (const [key, each] of Object.entries(value as object)) {
          walk(each, below, `${place}${field.name}.${key}.`, [...at, key], item);
        }
      } else if (Array.isArray(value)) {
        const isItems = path.length === 0 && item === undefined && field.name === itemsField;
        for (const [index, each] of value.entries()) {
          if (isItems) walk(each, below, "", [], index);
          else walk(each, below, `${place}${field.name}[${index}].`, at, item);
        }
      } else walk(value, below, `${place}${field.name}.`, at, item);
    }
  };
  walk(request, plan, "", []);
  return brought;
};

const valueAt = (message: unknown, { localName }: DescField): unknown =>
  typeof message === "object" && message !== null
    ? (message as Readonly<Record<string, unknown>>)[localName]
    : undefined;

/** What lies at a path of a message, of lists everything in them. */
export const heldAt = (from: unknown, [name, ...rest]: readonly string[]): readonly unknown[] => {
  if (Array.isArray(from)) return from.flatMap((each) => heldAt(each, name === undefined ? [] : [name, ...rest]));
  if (name === undefined) return [from];
  return typeof from === "object" && from !== null
    ? heldAt((from as Readonly<Record<string, unknown>>)[name], rest)
    : [];
};
