import { RE2JS } from "@bufbuild/re2";
import type { CustomField } from "@keynode/contracts/crm/identity/v1/custom_field";

/** A definition made ready for use. */
export type Field = CustomField & {
  /** Of text with a pattern: whether a text fits, in time linear in the text. */
  readonly matches?: (text: string) => boolean;
  /** Of choices whose list is known: their ids, and whether new values may be it. */
  readonly offered?: ReadonlyMap<string, boolean>;
};

/** A vocabulary's terms by id, and whether each is offered still; undefined where nobody knows the vocabulary. */
export type TermsOf = (vocabulary: string) => ReadonlyMap<string, boolean> | undefined;

/** Makes a definition ready. One whose pattern cannot be read is taken as if it had none: it was refused when it was made. */
export const fieldOf = (definition: CustomField, termsOf: TermsOf = () => undefined): Field => {
  const matches = definition.pattern === "" ? undefined : matcherOf(definition.pattern);
  const offered = offeredBy(definition, termsOf);
  return { ...definition, ...(matches && { matches }), ...(offered && { offered }) };
};

/** Whether a whole text fits a pattern of RE2's syntax; undefined where the pattern is not of it. */
export const matcherOf = (pattern: string): ((text: string) => boolean) | undefined => {
  try {
    const compiled = RE2JS.compile(pattern);
    return (text) => compiled.matches(text);
  } catch {
    return undefined;
  }
};

const offeredBy = (
  { kind, choices, vocabulary }: CustomField,
  termsOf: TermsOf,
): ReadonlyMap<string, boolean> | undefined => {
  if (kind !== "CHOICE" && kind !== "CHOICES") return undefined;
  if (vocabulary !== "") return termsOf(vocabulary);
  return new Map(choices.map(({ id, retired }) => [id, !retired]));
};
