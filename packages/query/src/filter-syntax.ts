/** The comparators of AIP-160. `:` asks whether a repeated field has an element; on others it is `=`. */
export type Comparator = "=" | "!=" | "<" | "<=" | ">" | ">=" | ":";

/** The right side of a comparison as written; what it means depends on the field's type. */
export type Literal = {
  readonly text: string;
  readonly quoted: boolean;
  /** It ended in a `*` that was not escaped: any value that begins with `text`. */
  readonly wildcard: boolean;
};

export type Comparison = {
  readonly kind: "comparison";
  /** As written, segments joined by dots. */
  readonly field: string;
  readonly comparator: Comparator;
  readonly literal: Literal;
};

/** A filter as written, before anything is known of its fields. */
export type FilterNode =
  | { readonly kind: "and" | "or"; readonly nodes: readonly FilterNode[] }
  | { readonly kind: "not"; readonly node: FilterNode }
  | Comparison;

/** The filter in one spelling; parsing it again gives the same tree. */
export const printFilter = (node: FilterNode): string => {
  switch (node.kind) {
    case "and":
      return node.nodes.map((inner) => (inner.kind === "and" ? nested(inner) : printFilter(inner))).join(" AND ");
    case "or":
      return node.nodes.map(printOperand).join(" OR ");
    case "not":
      return `NOT ${node.node.kind === "comparison" ? printFilter(node.node) : nested(node.node)}`;
    case "comparison":
      return `${node.field} ${node.comparator} ${printLiteral(node.literal)}`;
  }
};

const nested = (node: FilterNode): string => `(${printFilter(node)})`;

/** OR binds tighter than AND (AIP-160), so only sequences and other ORs need parentheses inside one. */
const printOperand = (node: FilterNode): string =>
  node.kind === "and" || node.kind === "or" ? nested(node) : printFilter(node);

const printLiteral = ({ text, quoted, wildcard }: Literal): string => {
  const star = wildcard ? "*" : "";
  return quoted ? `"${text.replace(/[\\"*]/g, "\\$&")}${star}"` : `${text}${star}`;
};
