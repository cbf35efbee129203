import { type Expression, parseSync, type PrivateIdentifier, type Super, Visitor } from "oxc-parser";

/** One module that another needs: by import, re-export, `import()` or an import type. */
export type Import = {
  /** Undefined when the specifier is computed. */
  readonly specifier: string | undefined;
  /** Gone once the types are stripped. */
  readonly typeOnly: boolean;
  readonly line: number;
};

/** Something a file does that only some places may do. */
export type Trait =
  | "reads the environment"
  | "reads the clock"
  | "draws a random value"
  | "does input or output"
  | "is asynchronous"
  | "says any"
  | "has a decorator"
  | "re-exports a whole module"
  | "compares a secret by itself";

/** One TypeScript file as the rules see it. `path` is relative to the repository, with `/`. */
export type SourceModule = {
  readonly path: string;
  readonly imports: readonly Import[];
  readonly traits: readonly { readonly trait: Trait; readonly line: number }[];
};

const traitOfMember = (object: string, property: string): Trait | undefined => {
  if (object === "process") return property === "env" ? "reads the environment" : "does input or output";
  if ((object === "Date" || object === "performance") && property === "now") return "reads the clock";
  if (object === "Math" && property === "random") return "draws a random value";
  if (object === "crypto") return property.startsWith("random") ? "draws a random value" : "does input or output";
  return object === "console" || object === "globalThis" ? "does input or output" : undefined;
};

/** What is secret, or follows from a secret, by the last word of its name. */
const secretName = /(^|[a-z\d_])(digest|hash|secret|token|mac|signature|nonce|password|verifier)$/i;
/** The hash of a request's content tells repeats apart and opens nothing. */
const openNames = new Set(["requestHash"]);

/** The name by which an operand is told: a variable's, the last member's, the function's that made it. */
const nameOf = (node: Expression | PrivateIdentifier | Super): string => {
  switch (node.type) {
    case "Identifier":
      return node.name;
    case "MemberExpression":
      return !node.computed && node.property.type === "Identifier" ? node.property.name : "";
    case "CallExpression":
      return nameOf(node.callee);
    case "ChainExpression":
    case "TSNonNullExpression":
    case "ParenthesizedExpression":
      return nameOf(node.expression);
    case "AwaitExpression":
      return nameOf(node.argument);
    default:
      return "";
  }
};

const isSecret = (node: Expression | PrivateIdentifier): boolean => {
  const name = nameOf(node);
  return secretName.test(name) && !openNames.has(name);
};

/** Whether something is there, or is of a kind, is asked by comparing with what stands in the source. */
const isConstant = (node: Expression | PrivateIdentifier): boolean =>
  node.type === "Literal" || (node.type === "Identifier" && node.name === "undefined");

const callsOut = new Set(["fetch", "setTimeout", "setInterval", "setImmediate", "queueMicrotask"]);

type Located = { readonly start: number };

/** Reads a file; throws when it does not parse. Shadowed globals are not told apart from the real ones. */
export const readModule = (path: string, source: string): SourceModule => {
  const { program, module, errors } = parseSync(path, source);
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors.map(({ message }) => message).join("; ")}`);

  const lineAt = ({ start }: Located): number => source.slice(0, start).split("\n").length;
  const imports: Import[] = [
    ...module.staticImports.map((found) => ({
      specifier: found.moduleRequest.value,
      typeOnly: found.entries.length > 0 && found.entries.every(({ isType }) => isType),
      line: lineAt(found),
    })),
    ...module.staticExports
      .flatMap(({ entries }) => entries)
      .flatMap((entry) =>
        entry.moduleRequest
          ? [{ specifier: entry.moduleRequest.value, typeOnly: entry.isType, line: lineAt(entry) }]
          : [],
      ),
  ];
  const traits: { trait: Trait; line: number }[] = [];
  const note = (trait: Trait, node: Located) => traits.push({ trait, line: lineAt(node) });
  const noteAsync = (node: Located & { readonly async: boolean }) => {
    if (node.async) note("is asynchronous", node);
  };

  new Visitor({
    ImportDeclaration(node) {
      const named = node.specifiers.some(
        (specifier) =>
          specifier.type === "ImportSpecifier" &&
          specifier.imported.type === "Identifier" &&
          specifier.imported.name === "env",
      );
      if (named && /^(node:)?process$/.test(node.source.value)) note("reads the environment", node);
    },
    ImportExpression(node) {
      const { source: specifier } = node;
      const literal = specifier.type === "Literal" && typeof specifier.value === "string" ? specifier.value : undefined;
      imports.push({ specifier: literal, typeOnly: false, line: lineAt(node) });
    },
    TSImportType(node) {
      imports.push({ specifier: node.source.value, typeOnly: true, line: lineAt(node) });
    },
    MemberExpression(node) {
      if (node.object.type !== "Identifier") return;
      const { property } = node;
      const name =
        property.type === "Identifier" && !node.computed
          ? property.name
          : property.type === "Literal"
            ? String(property.value)
            : "";
      const trait = traitOfMember(node.object.name, name);
      if (trait) note(trait, node);
    },
    BinaryExpression({ operator, left, right, start }) {
      if (!/^[!=]==?$/.test(operator) || isConstant(left) || isConstant(right)) return;
      if (isSecret(left) || isSecret(right)) note("compares a secret by itself", { start });
    },
    VariableDeclarator(node) {
      if (node.id.type !== "ObjectPattern" || node.init?.type !== "Identifier" || node.init.name !== "process") return;
      const takesEnv = node.id.properties.some(
        (entry) => entry.type !== "Property" || (entry.key.type === "Identifier" && entry.key.name === "env"),
      );
      if (takesEnv) note("reads the environment", node);
    },
    NewExpression(node) {
      if (node.callee.type === "Identifier" && node.callee.name === "Date" && node.arguments.length === 0) {
        note("reads the clock", node);
      }
    },
    CallExpression(node) {
      if (node.callee.type === "Identifier" && callsOut.has(node.callee.name)) note("does input or output", node);
    },
    FunctionDeclaration: noteAsync,
    FunctionExpression: noteAsync,
    ArrowFunctionExpression: noteAsync,
    TSAnyKeyword: (node) => {
      note("says any", node);
    },
    Decorator: (node) => {
      note("has a decorator", node);
    },
    ExportAllDeclaration: (node) => {
      note("re-exports a whole module", node);
    },
  }).visit(program);

  return { path, imports, traits };
};
