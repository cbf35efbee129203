import { decodeSegment, type PathTemplate } from "./path-template.ts";

/** What a path leads to. */
export type Found<Route> =
  | { readonly kind: "route"; readonly route: Route; readonly segments: readonly string[] }
  /** The path exists, for other methods only: 405 with `Allow`. */
  | { readonly kind: "otherMethods"; readonly methods: readonly string[] };

export type RouteTrie<Route> = {
  /** Throws when another route has the same method and the same shape of path. */
  readonly add: (method: string, template: PathTemplate, route: Route) => void;
  /** `path` is raw, without query. Words win over variables; undefined when no template fits. */
  readonly find: (method: string, path: string) => Found<Route> | undefined;
};

type Entry<Route> = { readonly route: Route; readonly template: string };
/** Routes of one shape of path, by method. */
type Leaf<Route> = Map<string, Entry<Route>>;
type Leaves<Route> = Map<string, Leaf<Route>>;

type Node<Route> = {
  readonly literals: Map<string, Node<Route>>;
  any: Node<Route> | undefined;
  /** By verb: paths that end here. */
  readonly ends: Leaves<Route>;
  /** By verb: paths that end here or anywhere below. */
  readonly rests: Leaves<Route>;
};

const createNode = <Route>(): Node<Route> => ({
  literals: new Map(),
  any: undefined,
  ends: new Map(),
  rests: new Map(),
});

const urn = /^urn(?::|%3a)/i;

/** Finds routes segment by segment, without a regular expression per route. */
export const createRouteTrie = <Route>(): RouteTrie<Route> => {
  const root = createNode<Route>();

  const add: RouteTrie<Route>["add"] = (method, template, route) => {
    let node = root;
    let isRest = false;
    for (const segment of template.segments) {
      if (segment.kind === "rest") isRest = true;
      else if (segment.kind === "any") node = node.any ??= createNode();
      else {
        const child = node.literals.get(segment.text) ?? createNode();
        node.literals.set(segment.text, child);
        node = child;
      }
    }
    const leaves = isRest ? node.rests : node.ends;
    const leaf = leaves.get(template.verb) ?? new Map();
    leaves.set(template.verb, leaf);
    const other = leaf.get(method);
    if (other) throw new Error(`${method} ${template.text} and ${method} ${other.template} are the same path`);
    leaf.set(method, { route, template: template.text });
  };

  const find: RouteTrie<Route>["find"] = (method, path) => {
    if (path.charCodeAt(0) !== 0x2f) return undefined;
    const segments = path.slice(1).split("/");
    const last = segments.length - 1;
    const tail = segments[last] ?? "";
    // The colons of a name (RFC 8141) part its words: SCIM asks for its schemas so (RFC 7644 §4).
    const colon = urn.test(tail) ? -1 : tail.lastIndexOf(":");
    const verb = colon < 0 ? "" : tail.slice(colon + 1);
    if (colon >= 0) segments[last] = tail.slice(0, colon);
    if (segments.includes("")) return undefined;

    const allowed = new Set<string>();
    const at = (leaf: Leaf<Route> | undefined): Route | undefined => {
      if (leaf === undefined) return undefined;
      const entry = leaf.get(method);
      if (entry) return entry.route;
      for (const other of leaf.keys()) allowed.add(other);
      return undefined;
    };
    const walk = (node: Node<Route>, depth: number): Route | undefined => {
      const segment = segments[depth];
      if (segment === undefined) return at(node.ends.get(verb)) ?? at(node.rests.get(verb));
      const literal = node.literals.get(decodeSegment(segment));
      return (
        (literal && walk(literal, depth + 1)) ?? (node.any && walk(node.any, depth + 1)) ?? at(node.rests.get(verb))
      );
    };

    const route = walk(root, 0);
    if (route !== undefined) return { kind: "route", route, segments };
    return allowed.size > 0 ? { kind: "otherMethods", methods: [...allowed].sort() } : undefined;
  };

  return { add, find };
};
